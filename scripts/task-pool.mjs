// Runs the tasks of `npm test`: tests in a few slots, and one compiler beside them at low priority, which takes what the tests
// leave over of the processors (many of them wait for a clock or a server). Uses Node.js alone.
import { spawn } from 'node:child_process';
import { findCommand } from './lib.mjs';

/**
 * What is to be done.
 *
 * @typedef {object} Task
 * @property {string} name
 * @property {'test' | 'compile'} kind
 * @property {number} priority the highest are started first; what takes longest should have the highest
 * @property {readonly Task[]} needs what must have ended well before
 * @property {(options: { readonly aside: boolean }) => Promise<boolean>} run true when all is well; with `aside` at low priority
 */

const nice = findCommand('nice');

/** Runs a command to its end. @returns exit code (or signal, or 127) and all it wrote */
export function capture(command, args, { aside = false, ...options } = {}) {
  const [file, words] = aside && nice !== null ? [nice, ['-n', '10', command, ...args]] : [command, args];
  return new Promise((resolve) => {
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/**
 * Runs all tasks. In a slot a test comes before a compilation, and of either the highest priority; a task is left out when one that
 * it needs failed.
 *
 * @param {readonly Task[]} tasks
 * @param {{ slots: number }} options slots: tests at a time
 * @returns {Promise<Task[]>} the tasks left out
 */
export async function runTasks(tasks, { slots }) {
  const waiting = [...tasks].sort((a, b) => b.priority - a.priority);
  const outcomes = new Map();
  const sleepers = [];
  const leftOut = [];

  const end = (task, isWell) => {
    outcomes.set(task, isWell);
    for (const wake of sleepers.splice(0)) wake();
  };

  const take = (kinds) => {
    for (const kind of kinds) {
      for (const task of waiting.filter((one) => one.kind === kind)) {
        const found = task.needs.map((needed) => outcomes.get(needed));
        if (!found.includes(false) && found.includes(undefined)) continue;
        waiting.splice(waiting.indexOf(task), 1);
        if (!found.includes(false)) return task;
        leftOut.push(task);
        end(task, false);
        return take(kinds);
      }
    }
    return null;
  };

  const work = async (kinds, aside) => {
    for (;;) {
      const task = take(kinds);
      if (task !== null) {
        end(task, await task.run({ aside }));
      } else if (waiting.some(({ kind }) => kinds.includes(kind))) {
        await new Promise((resolve) => sleepers.push(resolve));
      } else {
        return;
      }
    }
  };
  const workers = Array.from({ length: slots }, () => work(['test', 'compile'], false));
  await Promise.all([...workers, work(['compile'], true)]);
  return leftOut;
}
