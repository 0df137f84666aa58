import { contextOf, print, withMembers, type CommonOptions } from './context';
import { chosenDay, rememberedDay, type DayChoice, type DayOptions } from './day-choice';
import { aheadAsked, dayOutput, daySteps, isSound, type Traded } from './steps/day-steps';
import { EXIT } from './failure';
import { isTerminal, runSteps, untilInterrupted } from './steps/run-steps';

export interface DayCommandOptions extends CommonOptions, DayOptions {
    readonly resume?: boolean;
    readonly election?: boolean;
}

/** Trades a day on a network that is up. */
export async function day(options: DayCommandOptions): Promise<number> {
    const context = contextOf(options);
    const traded: Traded = {};
    await withMembers(context, (members) => {
        const stepOptions = {
            mayResume: options.resume ?? false,
            elects: options.election ?? true,
            startSeconds: () => 0,
            ahead: aheadAsked(options),
            silent: options.silent,
            withholding: options.withholding,
            understating: options.understating,
        };
        const steps = daySteps(members, choiceOf(options, rememberedDay(context.layout)), stepOptions, traded);
        return runSteps(steps, isTerminal(options.json ?? false), untilInterrupted());
    });
    print(dayOutput(traded, options));
    return isSound(traded) ? EXIT.done : EXIT.failed;
}

/** A day that is resumed without saying which is the one that was traded last, with the same data. */
function choiceOf(options: DayCommandOptions, last: DayChoice | undefined): DayChoice {
    const saysNothing = options.day === undefined && options.data === undefined;
    return options.resume === true && saysNothing && last !== undefined ? last : chosenDay(options);
}
