// A reporter of node:test that counts: one JSON line at the end of a test file.
/**
 * @returns {AsyncGenerator<string>} `{ passed, failed: [names], skipped, skippedSuites }`; a suite counts among the failed only when
 *   it failed by itself
 */
export default async function* testEvents(source) {
  const counts = { passed: 0, failed: [], skipped: 0, skippedSuites: 0 };
  for await (const { type, data } of source) {
    const isSkipped = data.skip !== undefined && data.skip !== false;
    if (data.details?.type === 'suite') {
      if (isSkipped) counts.skippedSuites += 1;
      // a hook of the suite, or a body that threw
      const isOwn = data.details.error?.failureType !== 'subtestsFailed';
      if (type === 'test:fail' && isOwn) counts.failed.push(data.name);
    } else if (type === 'test:fail') {
      counts.failed.push(data.name);
    } else if (type === 'test:pass') {
      if (isSkipped) counts.skipped += 1;
      else counts.passed += 1;
    }
  }
  yield `${JSON.stringify(counts)}\n`;
}
