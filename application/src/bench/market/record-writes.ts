import type { CommunityMembers } from '../../community/members';
import { hundredths, median, tenths } from '../statistics';
import { RECORDS, type RecordsWish } from './records-chaincode';

/** How long the endorsement of one transaction takes that writes many records, in ms as the client sees it. */
export interface WritesFigures {
    readonly records: number;
    readonly withPolicies: boolean;
    readonly batchedMs: number;
    readonly oneByOneMs: number;
    /** One by one against batched. */
    readonly ratio: number;
    readonly repetitions: number;
}

const WARM_UP = 3;
const REPETITIONS = 11;
/** As long as an order's marker. */
const VALUE = 'x'.repeat(200);
/** A household and the grid operator, or one of five coalitions: about what a key of the market carries. */
const POLICY_BYTES = 600;

/** The same transaction in turn with and without batches, endorsed by one household's own peer. */
export async function measureWrites(
    { households }: CommunityMembers,
    records: number,
    withPolicies: boolean,
): Promise<WritesFigures> {
    const [household] = households;
    if (household === undefined) {
        throw new Error('the community has no households');
    }
    const { gateway, mspId } = household.calls;
    const took = async (batched: boolean, run: number): Promise<number> => {
        const argument: RecordsWish = {
            name: `${withPolicies ? 'owned' : 'plain'}-${batched ? 'batch' : 'single'}-${run}`,
            count: records,
            value: VALUE,
            batched,
            ...(withPolicies ? { policy: policyFor(mspId) } : {}),
        };
        const begin = performance.now();
        await gateway.evaluate({ chaincode: RECORDS, transaction: 'put', argument });
        return performance.now() - begin;
    };
    const [batchedMs, oneByOneMs]: [number[], number[]] = [[], []];
    for (let run = 0; run < WARM_UP + REPETITIONS; run += 1) {
        const pair = [await took(true, run), await took(false, run)] as const;
        if (run >= WARM_UP) {
            batchedMs.push(pair[0]);
            oneByOneMs.push(pair[1]);
        }
    }
    return {
        records,
        withPolicies,
        batchedMs: tenths(median(batchedMs)),
        oneByOneMs: tenths(median(oneByOneMs)),
        ratio: hundredths(median(oneByOneMs) / median(batchedMs)),
        repetitions: REPETITIONS,
    };
}

/** Nothing is committed here, so that these are any bytes. */
const policyFor = (mspId: string): string => Buffer.from(mspId.padEnd(POLICY_BYTES, '.')).toString('hex');

/** For people. */
export function writesText({ records, withPolicies, batchedMs, oneByOneMs, ratio }: WritesFigures): string {
    const what = withPolicies ? 'records, each with its policy' : 'records';
    return `  ${records} ${what}: ${batchedMs} ms in batches, ${oneByOneMs} ms one by one (× ${ratio})`;
}
