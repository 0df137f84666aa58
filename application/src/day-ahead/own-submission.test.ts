import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScheduleRecord, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { hashOf } from '../household/records';
import { KeptAgreements } from './certificate/kept-agreements';
import { ownSubmission } from './own-submission';

const folder = mkdtempSync(join(tmpdir(), 'commonwatt-agreements-'));
afterAll(() => {
    rmSync(folder, { recursive: true });
});

const agreement = (energyWh: bigint): SubmissionRecord => ({
    key: 'submission/2025-04-17/H6MSP',
    version: 1,
    mspId: 'H6MSP',
    salt: 'ab'.repeat(32),
    signature: `c2lnbmVk${energyWh.toString().padStart(4, '0')}`,
    day: '2025-04-17',
    iteration: 0,
    energiesWh: [energyWh],
    claim: 'cd'.repeat(32),
});

let files = 0;
let path: string;
beforeEach(() => {
    files += 1;
    path = join(folder, `agent-${files}`, 'agreements.jsonl');
});

describe('agreements that an agent keeps', () => {
    it('are there for whoever opens the file after it, each once', () => {
        expect(new KeptAgreements(path).all).toEqual([]);
        expect(existsSync(path)).toBe(false);
        new KeptAgreements(path).keep(agreement(1n));
        new KeptAgreements(path).keep(agreement(2n));
        new KeptAgreements(path).keep(agreement(1n));
        expect(new KeptAgreements(path).all).toEqual([agreement(1n), agreement(2n)]);
        expect(statSync(path).mode & 0o077).toBe(0);
    });

    it('lose what was half written when the agent was killed, and nothing else', () => {
        new KeptAgreements(path).keep(agreement(1n));
        appendFileSync(path, encode(agreement(2n)).slice(0, 20));
        new KeptAgreements(path).keep(agreement(3n));
        expect(new KeptAgreements(path).all).toEqual([agreement(1n), agreement(3n)]);
    });

    it('are not passed over in silence where the file is damaged', () => {
        new KeptAgreements(path).keep(agreement(1n));
        writeFileSync(path, readFileSync(path, 'utf8').replace('H6MSP"', 'H6MSP'));
        expect(() => new KeptAgreements(path).all).toThrow(/line 1, is no agreement.*commonwatt restore/);
    });
});

describe('what a home agreed to', () => {
    const households = [{ mspId: 'H6MSP', bus: 'root', hash: hashOf(agreement(2n)) }];
    const record = (hash: string | null): Pick<ScheduleRecord, 'day' | 'agreed'> => ({
        day: '2025-04-17',
        agreed: {
            prices: [],
            gridWh: [],
            worthNanos: 0n,
            households: households.map((each) => ({ ...each, hash })),
        },
    });
    /** How often its own peer is asked before it has the end of the run. */
    function peer(submissions: SubmissionRecord[], behind = 0) {
        let asked = 0;
        return {
            find: (): Promise<ScheduleRecord | undefined> => {
                asked += 1;
                return Promise.resolve(asked > behind ? (record('') as ScheduleRecord) : undefined);
            },
            openings: () => Promise.resolve({ submissions: asked > behind ? submissions : [], book: null }),
        };
    }
    const of = (
        submissions: SubmissionRecord[],
        kept: SubmissionRecord[],
        { hash = hashOf(agreement(2n)), behind = 0 }: { hash?: string | null; behind?: number } = {},
    ) =>
        ownSubmission(
            { home: 'H6', mspId: 'H6MSP', schedule: peer(submissions, behind), agreements: { all: kept } },
            record(hash),
        );

    it('is what the schedule names, at its peer or with its agent', async () => {
        expect(await of([agreement(2n)], [])).toEqual(agreement(2n));
        expect(await of([], [agreement(1n), agreement(2n), agreement(3n)])).toEqual(agreement(2n));
        expect(await of([agreement(1n)], [agreement(2n)])).toEqual(agreement(2n));
    });

    it('is nothing where it never said anything', async () => {
        expect(await of([agreement(2n)], [agreement(2n)], { hash: null })).toBeUndefined();
    });

    it('is waited for where its own peer is behind', async () => {
        expect(await of([agreement(2n)], [], { behind: 2 })).toEqual(agreement(2n));
    });

    it('that is lost is told of, with what to do', async () => {
        await expect(of([agreement(1n)], [agreement(3n)])).rejects.toThrow(/grid operator.*commonwatt restore H6/);
    });
});
