import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { epochFlaws } from '../audit/epoch-check';
import { governorsNow } from '../community/admission';
import { stakeEpoch } from '../community/epochs';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import type { Silence } from '../day/stake-epoch';
import { Stake, StakeGovernance } from '../market/stake';
import type { TypedCalls } from '../market/typed-calls';
import { money } from '../report/decimal';
import { stakeText, type StakeView } from '../report/stake-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf, clockOf, viewer, type ViewOptions } from './look';
import { nanosOf } from './money';

export interface StakeOptions extends ViewOptions {
    readonly epoch?: string;
}

/** Weights, draw and community's account of an epoch: asked of a member's own peer, and worked out again. */
export async function stake(options: StakeOptions): Promise<number> {
    return withMembers(contextOf(options), async (members) => {
        const { calls } = viewer(members, options);
        const charter = await charterOf(calls);
        return show(await stakeView(calls, charter, epochDay(options.epoch)), options, charter);
    });
}

/** What a command can do of an epoch; all of it, one after the other, where nothing is said. */
export const EPOCH_PARTS = ['open', 'commit', 'fix', 'reveal', 'close', 'confirm', 'reward'] as const;
export type EpochPart = (typeof EPOCH_PARTS)[number];

/** Takes an epoch further: all of it, or one part; of all households, or of one. */
export async function epoch(part: EpochPart | undefined, options: StakeOptions): Promise<number> {
    const context = contextOf(options);
    const wanted = epochDay(options.epoch) ?? rememberedDay(context.layout)?.day;
    if (wanted === undefined) {
        throw new InputError({ file: '--epoch' }, 'no day has been traded here yet: say which day, --epoch 2014-10-03');
    }
    return withMembers(context, async (members) => {
        const { calls } = viewer(members, options);
        const charter = await charterOf(calls);
        const homes = options.as === undefined ? undefined : [options.as];
        const running = stakeEpoch(members, {
            charter,
            epoch: wanted,
            caller: calls,
            homes,
            governors: await governorsNow(members),
        });
        await (part === undefined ? running.run() : running[part]());
        tell(running.silent);
        const now = await charterOf(calls);
        return show(await stakeView(calls, now, wanted), options, now);
    });
}

export interface DepositOptions extends CommonOptions {
    readonly withdraw?: boolean;
    readonly reference?: string;
}

const NANOS_PER_HUNDREDTH = 10_000_000n;

/** The operator states that a deposit was paid in; or a member takes from its own. */
export async function deposit(home: string, amount: string, options: DepositOptions): Promise<number> {
    const nanos = nanosOf('deposit', amount);
    return withMembers(contextOf(options), async (members) => {
        const { calls } = members.member(home);
        const { rules } = await charterOf(calls);
        const governors = await governorsNow(members);
        const account =
            options.withdraw === true
                ? await new StakeGovernance(calls, governors).withdraw(nanos)
                : await new StakeGovernance(members.operator.calls, governors).deposit(
                      calls.mspId,
                      nanos,
                      options.reference ?? 'paid in',
                  );
        const held = money(account.depositNanos / NANOS_PER_HUNDREDTH);
        print(options.json === true ? encode(account) : `${home} has a deposit of ${held} ${rules.currency}.`);
        return EXIT.done;
    });
}

/** What a member's own peer says of an epoch, or of the latest. */
export async function stakeView(calls: TypedCalls, charter: Charter, named?: string): Promise<StakeView> {
    const of = new Stake(calls);
    const record = await of.epoch(named);
    if (record === undefined) {
        const which = named === undefined ? 'no epoch has' : `the epoch ${named} has not`;
        throw new NotNow(`${which} been opened; \`commonwatt epoch\` elects after a day that was traded`);
    }
    const [participation, accounts, book, rewards] = await Promise.all([
        of.participation(record.epoch),
        of.accounts(),
        of.book(),
        of.rewards(record.epoch),
    ]);
    return {
        record,
        accounts,
        balanceNanos: book.balanceNanos,
        rewards,
        participation,
        flaws: epochFlaws(record, participation, charter),
    };
}

function show(view: StakeView, { json }: CommonOptions, charter: Charter): number {
    print(json === true ? encode(view) : stakeText(view, clockOf(charter), charter.rules.currency));
    return view.flaws.length === 0 ? EXIT.done : EXIT.failed;
}

function tell(silent: readonly Silence[]): void {
    for (const { home, phase, why } of silent) {
        process.stderr.write(`${home} is not among those that have ${phase}: ${why}\n`);
    }
}

export function epochDay(text: string | undefined): string | undefined {
    if (text !== undefined && !isDay(text)) {
        throw new InputError({ file: '--epoch' }, `'${text}' is not a day; write it as 2014-10-03`);
    }
    return text;
}
