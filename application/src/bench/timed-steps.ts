import type { Step } from '../commands/steps/run-steps';
import { tenths } from './statistics';

/** The same steps, which write down by title how many seconds they took. */
export function timed(steps: readonly Step[], seconds: Record<string, number>): Step[] {
    return steps.map((step) => ({
        ...step,
        run: async (say) => {
            const begin = performance.now();
            const result = await step.run(say);
            seconds[step.title] = tenths((performance.now() - begin) / 1000);
            return result;
        },
    }));
}
