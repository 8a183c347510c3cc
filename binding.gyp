# The native addon. Built by scripts/build-native.mjs, which finds Node's headers and says in plain words what is missing.
#
# No -march flag: the addon runs on every x86-64 and arm64 machine.
{
  'variables': {
    # Makes every engine call so many percent slower, only to prove that the regression gate sees it.
    'predis_planted_slowdown_percent%': 0,
    # The CUDA engine: an archive that scripts/build-cuda.mjs has made, and the CUDA runtime to link it with.
    'predis_with_cuda%': 0,
    'predis_cuda_archive%': '',
    'predis_cudart%': '',
  },
  'targets': [
    {
      'target_name': 'predis',
      'sources': [
        'native/binding/addon.cpp',
        'native/binding/answers.cpp',
        'native/binding/async_batches.cpp',
        'native/binding/batches.cpp',
        'native/binding/bytes.cpp',
        'native/binding/call.cpp',
        'native/binding/conditional_ops.cpp',
        'native/binding/device_memory.cpp',
        'native/binding/gpu.cpp',
        'native/binding/instance.cpp',
        'native/binding/lifecycle.cpp',
        'native/binding/mixed_batch.cpp',
        'native/binding/packed_batches.cpp',
        'native/binding/registry.cpp',
        'native/binding/single_ops.cpp',
        'native/binding/string_batches.cpp',
        'native/cpu/arena.cpp',
        'native/cpu/batches.cpp',
        'native/cpu/cpu_engine.cpp',
        'native/cpu/eviction.cpp',
        'native/cpu/index.cpp',
        'native/cpu/mixed_batch.cpp',
        'native/cpu/record_memory.cpp',
        'native/cpu/shard.cpp',
        'native/cpu/shard_walks.cpp',
        'native/cpu/upkeep.cpp',
        'native/nvml/library.cpp',
        'native/nvml/nvml.cpp',
      ],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': [
        'NAPI_VERSION=8',
        # Errors are thrown in JavaScript by hand; C++ exceptions stay inside the engine, which catches bad_alloc.
        'NAPI_DISABLE_CPP_EXCEPTIONS',
        'PREDIS_PLANTED_SLOWDOWN_PERCENT=<(predis_planted_slowdown_percent)',
        'PREDIS_WITH_CUDA=<(predis_with_cuda)',
      ],
      'conditions': [
        ['predis_with_cuda==1', {
          # No driver library: it is looked for at run time, so that the addon loads where there is none.
          'libraries': ['<(predis_cuda_archive)', '<(predis_cudart)', '-ldl', '-lrt', '-lpthread'],
        }],
      ],
      'cflags!': ['-fno-exceptions', '-O2', '-g'],
      # The device engine's other interface is reached by dynamic_cast.
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20', '-O2', '-g'],
      'cflags': ['-O3', '-Wall', '-Wextra', '-Werror', '-fvisibility=hidden'],
      'cflags_cc': ['-std=c++20'],
      'xcode_settings': {
        'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
        'GCC_ENABLE_CPP_RTTI': 'YES',
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
        'GCC_OPTIMIZATION_LEVEL': '3',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
      },
    },
    {
      # The floor of the transport: a process of its own that answers and does nothing.
      'target_name': 'predis-noop-server',
      'type': 'executable',
      'sources': ['native/noop/resp_server.cpp'],
      'cflags!': ['-O2', '-g'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-O2', '-g'],
      'cflags': ['-O3', '-Wall', '-Wextra', '-Werror'],
      'cflags_cc': ['-std=c++20'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
        'GCC_OPTIMIZATION_LEVEL': '3',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
      },
    },
  ],
}
