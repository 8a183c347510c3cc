/// @file
/// Marks of functions that compile for a GPU (nvcc) and for the host (any C++20 compiler).
#pragma once

#if defined(__CUDACC__)
/// Small enough to be inlined everywhere.
#define PREDIS_HD __host__ __device__ __forceinline__
/// Left to the compiler.
#define PREDIS_HD_LARGE __host__ __device__ inline
#else
#define PREDIS_HD inline
#define PREDIS_HD_LARGE inline
#endif
