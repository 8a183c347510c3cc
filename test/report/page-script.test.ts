import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { Script } from 'node:vm';
import { pageModules, pageScript } from '../../src/report/assets.js';

const source = (name: string): string =>
  readFileSync(new URL(`../../src/report/${name}`, import.meta.url), 'utf8');

describe('the modules that the page carries', () => {
  it('import only from each other, and stand after what they import', () => {
    for (const [index, name] of pageModules.entries()) {
      for (const [, from = ''] of source(name).matchAll(/^import [^;]*from '([^']+)';$/gm)) {
        const imported = posix.join(posix.dirname(name), from);
        const at = (pageModules as readonly string[]).indexOf(imported);
        assert.ok(at >= 0 && at < index, `${name} imports ${from}`);
      }
    }
  });

  it('share no name, which would silently replace one function by another', () => {
    const names = pageModules.flatMap((name) =>
      [...source(name).matchAll(/^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm)].map(
        ([, found]) => found,
      ),
    );
    assert.ok(names.includes('chartConfiguration') && names.includes('startPage'));
    assert.deepEqual(names.length, new Set(names).size);
  });

  it('are joined into one script that parses and asks for no source map', () => {
    const script = pageScript();
    // Compiles without running it.
    assert.doesNotThrow(() => new Script(script));
    assert.ok(!script.includes('sourceMappingURL'));
    assert.ok(!script.includes('</script'));
  });
});
