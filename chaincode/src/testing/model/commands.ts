import fc from 'fast-check';
import type { OrderShape } from '../community';
import { household } from '../community';
import {
    calls,
    cancels,
    clears,
    closes,
    closesDay,
    corrects,
    estimates,
    reads,
    reveals,
    settles,
    submits,
    voids,
    type Action,
} from './actions';
import { checkBooks } from './books';
import type { Market } from './market';
import type { Model } from './model';
import { SHORT_DAY } from './short-day';

/** What becomes of a transaction once it is endorsed. */
type Fate = 'committed' | 'waiting' | 'twice' | 'lost' | 'with too few endorsements';

/** What was found wrong, with the action that led to it. */
export class Broken extends Error {
    override readonly name = 'Broken';
}

type Command = fc.AsyncCommand<Model, Market>;

/** Somebody acts, whatever the state is: the ledger has to allow exactly what the model does. */
class Act implements Command {
    constructor(
        readonly action: Action,
        readonly fate: Fate,
    ) {}

    check(): boolean {
        return true;
    }

    async run(model: Model, market: Market): Promise<void> {
        const endorsed = await market.attempt(this.action);
        const isAllowed = this.action.isAllowed(model);
        if (typeof endorsed === 'string') {
            expectThat(!isAllowed, `${this.toString()} was refused with ${endorsed}`);
            return;
        }
        expectThat(isAllowed, `${this.toString()} was not refused`);
        switch (this.fate) {
            case 'waiting':
                market.waiting.push(endorsed);
                return;
            case 'lost':
                return;
            case 'with too few endorsements':
                // The household that has no seat is party to what is its own only, and never alone.
                expectThat(market.commit(endorsed, [household(3)]) === 'ENDORSEMENT_POLICY_FAILURE', this.toString());
                return;
            case 'committed':
            case 'twice': {
                const code = market.commit(endorsed);
                expectThat(code === 'VALID', `${this.toString()} is ${code}`);
                this.action.apply(model);
                expectThat(
                    this.fate === 'committed' || market.commit(endorsed) !== 'VALID',
                    `${this.toString()}, again`,
                );
            }
        }
        await checkBooks(market, model);
    }

    toString(): string {
        return `${this.action.label} (${this.fate})`;
    }
}

/** One of the transactions that were endorsed before is ordered at last: it commits only if it is still allowed. */
class CommitLate implements Command {
    constructor(readonly which: number) {}

    check(): boolean {
        return true;
    }

    async run(model: Model, market: Market): Promise<void> {
        const [endorsed] = market.waiting.splice(this.which % Math.max(1, market.waiting.length), 1);
        if (endorsed === undefined) {
            return;
        }
        const { action } = endorsed;
        const code = market.commit(endorsed);
        if (code === 'VALID') {
            expectThat(action.isAllowed(model), `${action.label} was committed late`);
            action.apply(model);
        } else {
            expectThat(/^(MVCC|PHANTOM)_READ_CONFLICT$/.test(code), `${action.label}, late, is ${code}`);
        }
        await checkBooks(market, model);
    }

    toString(): string {
        return `what waits is committed: ${this.which}`;
    }
}

/** Peers and clients end and start again: what was committed is there, what was only endorsed is forgotten. */
class Crash implements Command {
    check(): boolean {
        return true;
    }

    async run(model: Model, market: Market): Promise<void> {
        market.waiting.length = 0;
        market.community.network.restart();
        await checkBooks(market, model);
    }

    toString(): string {
        return 'everything ends and starts again';
    }
}

function expectThat(isSo: boolean, what: string): void {
    if (!isSo) {
        throw new Broken(what);
    }
}

const HOUSEHOLDS = [1, 2, 3].map(household);
const mspId = fc.constantFrom(...HOUSEHOLDS);
// Few slots, few ids, few watt-hours, few limits: orders tie and cross, versions collide.
const slot = fc.constantFrom(...SHORT_DAY.slice(0, 2));
const id = fc.constantFrom('o1', 'o2');
const wh = fc.bigInt({ min: -3n, max: 3n });
const shape: fc.Arbitrary<Required<OrderShape>> = fc.record({
    mspId,
    slot,
    id,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    energyWh: fc.bigInt({ min: 1n, max: 3n }),
    limit: fc.constantFrom(null, 80_000n, 100_000n, 150_000n, 230_000n),
});
const fate: fc.Arbitrary<Fate> = fc.oneof(
    { weight: 8, arbitrary: fc.constant('committed' as const) },
    { weight: 3, arbitrary: fc.constant('waiting' as const) },
    {
        weight: 2,
        arbitrary: fc.constantFrom('twice' as const, 'lost' as const, 'with too few endorsements' as const),
    },
);

type Weighted = fc.WeightedArbitrary<Action>;

const trading: readonly Weighted[] = [
    { weight: 6, arbitrary: shape.map(submits) },
    { weight: 1, arbitrary: fc.tuple(mspId, slot, id).map((given) => cancels(...given)) },
    { weight: 2, arbitrary: slot.map(closes) },
    { weight: 4, arbitrary: fc.tuple(mspId, slot, id).map((given) => reveals(...given)) },
    { weight: 1, arbitrary: slot.map(calls) },
    { weight: 2, arbitrary: fc.tuple(slot, fc.boolean()).map((given) => clears(...given)) },
    { weight: 1, arbitrary: slot.map(voids) },
];
const settling: readonly Weighted[] = [
    {
        weight: 4,
        arbitrary: fc.tuple(mspId, slot, wh, fc.constantFrom<0 | 1 | 2>(1, 1, 1, 0, 2)).map((given) => reads(...given)),
    },
    {
        weight: 1,
        arbitrary: fc.tuple(mspId, slot, fc.bigInt({ min: 0n, max: 3n })).map((given) => estimates(...given)),
    },
    { weight: 3, arbitrary: fc.tuple(mspId, fc.boolean()).map((given) => settles(...given)) },
    { weight: 1, arbitrary: fc.constant(closesDay(HOUSEHOLDS)) },
    { weight: 4, arbitrary: mspId.map(corrects) },
];
const times = (by: number, all: readonly Weighted[]): Weighted[] =>
    all.map(({ weight, arbitrary }) => ({ weight: weight * by, arbitrary }));

/** What is likely where a sequence begins; everything else is tried as well. */
const MIXES = {
    trading: fc.oneof(...times(3, trading), ...settling),
    settling: fc.oneof(...trading, ...times(5, settling)),
};

/** Anybody does anything in any order. */
const commands = (mix: keyof typeof MIXES, most: number): fc.Arbitrary<Iterable<Command>> =>
    fc.commands(
        [
            fc.oneof(
                { weight: 12, arbitrary: fc.tuple(MIXES[mix], fate).map((given): Command => new Act(...given)) },
                { weight: 3, arbitrary: fc.nat(3).map((which): Command => new CommitLate(which)) },
                { weight: 1, arbitrary: fc.constant<Command>(new Crash()) },
            ),
        ],
        { maxCommands: most, size: 'max' },
    );

const committed = (...actions: Action[]): Act[] => actions.map((each) => new Act(each, 'committed'));
const ordered = (who: number, at: number, side: 'buy' | 'sell', energyWh: bigint): Action =>
    submits({ mspId: household(who), slot: SHORT_DAY[at] ?? 0, id: 'o1', side, energyWh, limit: 100_000n });
const revealed = (who: number, at: number): Action => reveals(household(who), SHORT_DAY[at] ?? 0, 'o1');
const ended = (from: number): Action[] => SHORT_DAY.slice(from).flatMap((each) => [closes(each), clears(each, false)]);
const metered = (from: number): Action[] =>
    SHORT_DAY.slice(from).flatMap((each) => HOUSEHOLDS.map((who, i) => reads(who, each, BigInt(i) - 2n, 1)));

const FIRST_ROUND: readonly Action[] = [
    ordered(1, 0, 'buy', 3n),
    ordered(2, 0, 'sell', 2n),
    ordered(3, 0, 'buy', 1n),
    closes(SHORT_DAY[0] ?? 0),
    revealed(1, 0),
    revealed(2, 0),
    revealed(3, 0),
    clears(SHORT_DAY[0] ?? 0, false),
];
const SETTLED: readonly Action[] = [...FIRST_ROUND, ...ended(1), ...metered(0)];

export interface Beginning {
    readonly acts: readonly Act[];
    readonly sequences: fc.Arbitrary<Iterable<Command>>;
}

const MOST_COMMANDS = 60;
const beginning = (mix: keyof typeof MIXES, ...actions: Action[]): Beginning => ({
    acts: committed(...actions),
    sequences: commands(mix, MOST_COMMANDS),
});

/** Where a sequence begins: few would come to the end of a day by themselves. */
export const BEGINNINGS: Readonly<Record<string, Beginning>> = {
    'an open day, half of it over': beginning('trading', ...ended(2), ...metered(2)),
    'a day with a round to be cleared': beginning('trading', ...ended(2), ...metered(2), ...FIRST_ROUND.slice(0, 5)),
    'a day to be settled': beginning('settling', ...SETTLED),
    'a day that is closed': beginning(
        'settling',
        ...SETTLED,
        ...HOUSEHOLDS.map((who) => settles(who, false)),
        closesDay(HOUSEHOLDS),
    ),
};
