import { keyName, submissionKey } from '../../api/keys';
import type { BusPrices, DayAheadTermsRecord, NetworkAnswer, SubmissionRecord } from '../../api/records';
import { ownerStatement } from '../../api/statements';
import type { ArgsOf } from '../../api/transactions';
import { DAY, DSO, household, NOW, ownerKey, SEATS, TERMS, TestCommunity } from '../community';
import { testSalt } from '../identities';

export const SLOTS = 96;

/** As the worked problems E1 to E4: ρ = 50,000 nanos/kWh for each Wh, 2 Wh and a thousandth of the currency. */
export const DAY_AHEAD: DayAheadTermsRecord = {
    fromDay: '2014-10-01',
    mode: 'schedule',
    iterations: 100,
    primalToleranceWh: 2n,
    dualTolerance: 1_000_000n,
    overRelaxation: { numerator: 1n, denominator: 2n },
    penalty: { initial: 50_000n, least: 1n, most: 1_000_000n, adaptiveUntil: 0 },
    networkWeight: 'one',
    iterationSeconds: 30,
    runSeconds: 600,
    deadlineSlots: 8,
    importLimitW: 4_000_000n,
    exportLimitW: 4_000_000n,
    shortPrice: 350_000n,
    longPrice: 50_000n,
};

/** Prices of the worked problems: 0.30 from the grid, 0.10 to it. */
export const SCHEDULE_TERMS: ArgsOf<'tariffs:schedule'> = { ...TERMS, retail: 300_000n, feedIn: 100_000n };

export const flat = (price: bigint, bus = 'root'): BusPrices => ({
    bus,
    pricesNanos: Array<bigint>(SLOTS).fill(price),
});

/** The same energy in every slot. */
export const everySlot = (energy: bigint): bigint[] => Array<bigint>(SLOTS).fill(energy);

/** A signed answer. `change` is applied before signing. */
export function submission(
    mspId: string,
    iteration: number,
    energiesWh: readonly bigint[],
    change: Partial<SubmissionRecord> = {},
    signer = ownerKey(mspId),
): SubmissionRecord {
    const day = change.day ?? DAY;
    const key = keyName(submissionKey(day, mspId));
    const salt = testSalt(`${key} ${iteration}`);
    const unsigned = { key, version: 1, mspId, salt, day, iteration, energiesWh: [...energiesWh], ...change };
    return { ...unsigned, signature: signer.sign(ownerStatement(unsigned)) };
}

/** What each member's connection carries, where it is not the usual. */
export interface Connection {
    readonly importLimitW?: bigint;
    readonly exportLimitW?: bigint;
}

/** A community whose day is agreed on ahead, opened as a replay. */
export async function scheduledCommunity(
    size: number,
    change: Partial<DayAheadTermsRecord> = {},
    connection: Connection = {},
    coverRequired = false,
): Promise<TestCommunity> {
    const community = await TestCommunity.governed(size, { terms: SCHEDULE_TERMS, connection, coverRequired });
    await community.submit('dayAhead:schedule', { ...DAY_AHEAD, ...change });
    await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
    return community;
}

export const openSchedule = (community: TestCommunity, firstPrices = [flat(0n)], time = NOW): Promise<string> =>
    community.submit('schedule:open', { day: DAY, firstPrices }, { by: DSO, endorsers: [DSO, ...SEATS], time });

export const submitAnswer = (community: TestCommunity, answer: SubmissionRecord, time = NOW): Promise<string> =>
    community.submit(
        'schedule:submit',
        { day: answer.day, iteration: answer.iteration, to: [...SEATS] },
        {
            by: answer.mspId,
            endorsers: [...new Set([answer.mspId, DSO, ...SEATS])],
            transient: { submission: answer },
            time,
        },
    );

/** What a coordinator closes the open iteration with: what its own peer holds. */
export async function closing(
    community: TestCommunity,
    { by = DSO, time = NOW, network }: { by?: string; time?: number; network?: NetworkAnswer } = {},
) {
    const { run } = await community.query('schedule:get', { day: DAY });
    const iteration = (run?.iteration ?? 0) + 1;
    const { submissions, book } = await community.query('schedule:openings', { day: DAY }, { by });
    const markers = await community.query('schedule:submissions', { day: DAY });
    const isIn = (mspId: string): boolean =>
        markers.some((marker) => marker.mspId === mspId && marker.iteration === iteration);
    const transient = {
        submissions: submissions.filter(({ mspId }) => isIn(mspId)),
        ...(book === null ? {} : { book }),
        ...(network === undefined ? {} : { network }),
        salt: testSalt(`book ${iteration}`),
    };
    return {
        args: { day: DAY, iteration, to: [...SEATS] },
        options: { by, endorsers: [...new Set([DSO, ...SEATS])], transient, time },
    };
}

export async function closeIteration(
    community: TestCommunity,
    how: { by?: string; time?: number; network?: NetworkAnswer } = {},
): Promise<string> {
    const { args, options } = await closing(community, how);
    return community.submit('schedule:close', args, options);
}
