import type { CasePlan, MeasuredTrial, ResultFile, Trial } from '../results/schema.js';

/** The trials of one case of one file, by contender, in the order in which they ran. */
export class CaseTrials {
  readonly plan: CasePlan;
  readonly #byContender = new Map<string, Trial[]>();
  readonly #trials: readonly Trial[];

  constructor(result: Pick<ResultFile, 'trials'>, plan: CasePlan) {
    this.plan = plan;
    this.#trials = result.trials;
    for (const trial of result.trials) {
      if (trial.caseId !== plan.id) continue;
      const trials = this.#byContender.get(trial.contender);
      if (trials === undefined) this.#byContender.set(trial.contender, [trial]);
      else trials.push(trial);
    }
  }

  all(contender: string): readonly Trial[] {
    return this.#byContender.get(contender) ?? [];
  }

  /** Whether the plan of this case has trials of the contender. */
  takes(contender: string): boolean {
    return this.plan.blocks.some((block) => block.includes(contender));
  }

  /** Those whose numbers count: void and failed trials are kept out of everything. */
  measured(contender: string): readonly MeasuredTrial[] {
    return this.all(contender).filter((trial): trial is MeasuredTrial => trial.state === 'measured');
  }

  /** The same with the trials of the first blocks alone. */
  firstBlocks(count: number): CaseTrials {
    return new CaseTrials({ trials: this.#trials.filter(({ block }) => block < count) }, this.plan);
  }

  /** How many blocks, from the first on, have all of their trials recorded, whatever became of them. */
  recordedBlocks(): number {
    const recorded = new Map<number, number>();
    for (const trials of this.#byContender.values()) {
      for (const { block } of trials) recorded.set(block, (recorded.get(block) ?? 0) + 1);
    }
    const missing = this.plan.blocks.findIndex((order, block) => (recorded.get(block) ?? 0) < order.length);
    return missing === -1 ? this.plan.blocks.length : missing;
  }

  /** Blocks in which every planned trial of all these contenders was measured: their trials, by contender. */
  completeBlocks(contenders: readonly string[]): readonly ReadonlyMap<string, readonly MeasuredTrial[]>[] {
    return this.plan.blocks.flatMap((order, block) => {
      const inBlock = new Map(
        contenders.map((id) => [id, this.measured(id).filter((trial) => trial.block === block)] as const),
      );
      const complete = contenders.every((id) => {
        const planned = order.filter((other) => other === id).length;
        return planned > 0 && inBlock.get(id)?.length === planned;
      });
      return complete ? [inBlock] : [];
    });
  }
}
