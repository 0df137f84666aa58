import { fraction } from '@commonwatt/chaincode/domain/quantity';
import { nanosPerKwh } from '@commonwatt/chaincode/domain/schedule/exchange';
import type { RunProblem } from '@commonwatt/chaincode/domain/schedule/run';
import type { ElasticLoad } from '../../schedule/models/elastic-load';
import type { Generator } from '../../schedule/models/generator';
import { homeModel, type Home } from '../../schedule/models/home';
import { runExchange } from '../../schedule/run-exchange';
import { rounded } from './exchange-figures';
import { exchangeProblem } from './exchange-problem';

/** Who lies: a generator that says its costs rise faster than they do, or a buyer that says it wants less than it does. */
export type Liar = 'generator' | 'buyer';

/** What a lie brings in a community of so many pairs, in a slot; money in thousandths of the currency. */
export interface ManipulationFigures {
    readonly liar: Liar;
    readonly pairs: number;
    /** The lie that pays best among those tried: the slope times this, or the share of what is wanted that is admitted. */
    readonly factor: number;
    readonly honestPrice: number;
    readonly price: number;
    /** Against telling the truth. */
    readonly liarGains: number;
    /** All of its own side together, without the liar … */
    readonly sameSideGains: number;
    /** … and all of the other side. */
    readonly otherSideGains: number;
    /** What all have less than they could, the grid's part (it sells at its tariff) included as cost. */
    readonly welfareLoss: number;
    readonly welfareLossPercent: number;
}

// The worked problem E1, as many times as there are pairs: 0.02·g² + 0.05·g and ½·0.05·(d − 10)², tariffs 0.30 and 0.10.
const GENERATOR: Omit<Generator, 'device'> = { kind: 'generator', most: 20_000n, base: 50_000_000n, slope: 40_000n };
const BUYER: Omit<ElasticLoad, 'device'> = { kind: 'elastic', wanted: [10_000n], slope: 50_000n, most: 20_000n };
const RETAIL = nanosPerKwh(300_000_000n);
const FEED_IN = nanosPerKwh(100_000_000n);
const FAR = 10_000_000n;
const LIES: Readonly<Record<Liar, readonly number[]>> = {
    generator: [1.05, 1.1, 1.2, 1.35, 1.5, 2, 3],
    buyer: [0.98, 0.95, 0.9, 0.85, 0.8, 0.7],
};

interface Outcome {
    /** Currency per kWh. */
    readonly price: number;
    /** By name, kWh from the pool. */
    readonly energies: ReadonlyMap<string, number>;
}

/** The best of the lies tried, against the truth, by the same run that a community does. */
export async function manipulation(liar: Liar, pairs: number): Promise<ManipulationFigures> {
    const honest = await outcome(pairs);
    let best: ManipulationFigures | undefined;
    for (const factor of LIES[liar]) {
        const figures = compared(liar, { pairs, factor }, honest, await outcome(pairs, { liar, factor }));
        if (best === undefined || figures.liarGains > best.liarGains) {
            best = figures;
        }
    }
    if (best === undefined) {
        throw new Error('no lie was tried');
    }
    return best;
}

const names = (pairs: number, kind: Liar): string[] => Array.from({ length: pairs }, (_, i) => `${kind}${i + 1}`);

async function outcome(pairs: number, lie?: { readonly liar: Liar; readonly factor: number }): Promise<Outcome> {
    const homes = [
        ...names(pairs, 'generator').map((name, i) =>
            homeOf(name, {
                ...GENERATOR,
                device: name,
                slope: i === 0 && lie?.liar === 'generator' ? scaled(GENERATOR.slope, lie.factor) : GENERATOR.slope,
            }),
        ),
        ...names(pairs, 'buyer').map((name, i) =>
            homeOf(name, {
                ...BUYER,
                device: name,
                wanted:
                    i === 0 && lie?.liar === 'buyer' ? BUYER.wanted.map((e) => scaled(e, lie.factor)) : BUYER.wanted,
            }),
        ),
    ];
    const models = new Map(homes.map((home) => [home.home, homeModel(home, 1)]));
    let price = 0;
    const energies = new Map<string, number>();
    for await (const { state, answers } of runExchange({ problem: problemOf(homes), models }, [[nanosPerKwh(0n)]])) {
        price = Number(state.prices[0]?.[0] ?? 0n) / 1e9;
        homes.forEach(({ home }, i) => energies.set(home, Number(answers[i]?.[0] ?? 0n) / 1000));
    }
    return { price, energies };
}

const scaled = (value: bigint, factor: number): bigint => BigInt(Math.round(Number(value) * factor));
const homeOf = (home: string, device: Generator | ElasticLoad): Home => ({
    home,
    importLimit: 50_000n,
    exportLimit: 50_000n,
    devices: [device],
});

const problemOf = (homes: readonly Home[]): RunProblem =>
    exchangeProblem(homes, {
        rules: {
            slots: 1,
            iterations: 400,
            primalTolerance: 2n,
            dualTolerance: 20_000n,
            overRelaxation: fraction(1n, 2n),
            penalty: { initial: 50_000n, least: 50_000n, most: 50_000n, adaptiveUntil: 0 },
        },
        networkWeight: 'one',
        floor: nanosPerKwh(-1_000_000_000n),
        cap: nanosPerKwh(1_000_000_000n),
        grid: [{ retail: RETAIL, feedIn: FEED_IN, importLimit: FAR, exportLimit: FAR }],
    });

/** What somebody truly has of an outcome, in the currency: worth less cost less payment. */
function surplus(name: string, { price, energies }: Outcome): number {
    const x = energies.get(name) ?? 0;
    const own = name.startsWith('generator') ? 0.02 * x ** 2 - 0.05 * x : 0.025 * (x - 10) ** 2 - 0.025 * 10 ** 2;
    return -own - price * x;
}

function compared(
    liar: Liar,
    { pairs, factor }: { readonly pairs: number; readonly factor: number },
    honest: Outcome,
    lied: Outcome,
): ManipulationFigures {
    const gains = (of: readonly string[]): number =>
        of.reduce((sum, name) => sum + surplus(name, lied) - surplus(name, honest), 0);
    const [first = '', ...same] = names(pairs, liar);
    const other = names(pairs, liar === 'generator' ? 'buyer' : 'generator');
    const before = [...names(pairs, 'generator'), ...names(pairs, 'buyer')].reduce(
        (sum, name) => sum + surplus(name, honest),
        0,
    );
    const loss = -gains([first, ...same, ...other]);
    return {
        liar,
        pairs,
        factor,
        honestPrice: rounded(honest.price, 4),
        price: rounded(lied.price, 4),
        liarGains: rounded(1000 * gains([first]), 1),
        sameSideGains: rounded(1000 * gains(same), 1),
        otherSideGains: rounded(1000 * gains(other), 1),
        welfareLoss: rounded(1000 * loss, 1),
        welfareLossPercent: rounded((100 * loss) / before, 3),
    };
}
