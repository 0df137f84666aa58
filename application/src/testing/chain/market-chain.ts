import { LEDGER_KEYS, type KeyType } from '@commonwatt/chaincode/api/catalogue/keys';
import {
    billKey,
    charterKey,
    dayKey,
    documentKey,
    epochKey,
    orderKey,
    paymentKey,
    roundKey,
    scheduleKey,
    totalsKey,
    type LedgerKey,
} from '@commonwatt/chaincode/api/keys';
import type {
    BillMarker,
    Charter,
    DocumentRecord,
    EpochRecord,
    OrderMarker,
    Payment,
    RoundRecord,
    ScheduleRecord,
    Totals,
} from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { BILL_LAYOUT } from '@commonwatt/chaincode/domain/commitment/bill-layout';
import { TestChain, type ChainTransaction } from './test-chain';

export const DAY = '2014-10-03';
export const FIRST = 1_569_212;
export const SLOTS = 6;
/** What a household ordered and how its bill came to be: in no block. */
export const SECRET = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c';
const HASH = '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730';
const MEMBERS = ['H1MSP', 'H2MSP'];

/** A key as Fabric joins its parts. */
export function compositeKey({ type, parts }: LedgerKey): string {
    return `\u0000${[LEDGER_KEYS[type].type, ...parts].map((part) => `${part}\u0000`).join('')}`;
}

/** A transaction that writes these records, announces these facts and keeps one record private. */
export function writing(
    name: string,
    records: readonly (readonly [LedgerKey, object | null])[],
    facts: readonly object[] = [],
    change: Partial<ChainTransaction> = {},
): ChainTransaction {
    const [[first] = []] = records;
    const { chaincode } = LEDGER_KEYS[(first?.type ?? 'day') satisfies KeyType];
    const texts = records.map(([key, record]) => [compositeKey(key), record === null ? null : encode(record)] as const);
    return {
        chaincode,
        function: name,
        arguments: [encode({ of: name })],
        writes: { [chaincode]: Object.fromEntries(texts) },
        event: { name: `${chaincode}.v1`, payload: encode({ version: 1, events: facts }) },
        ...change,
    };
}

export function charter(version: number, committees: Charter['committees'] = [committee(FIRST - 96)]): Charter {
    const members = MEMBERS.map((mspId) => {
        const standings = [
            { fromDay: '2014-10-01', status: 'active' as const, recorded: { version: 1, slot: FIRST - 96 } },
        ];
        const meter = { id: 'm1', key: 'AAAA', modulusWh: 1_000_000n, fromSlot: FIRST - 96, toSlot: null };
        const limits = { importLimitW: 6_000n, exportLimitW: 4_000n, prosumer: mspId === 'H1MSP' };
        const member = { mspId, ownerKey: 'AAAA', meters: [meter], ...limits, applicationHash: HASH, standings };
        return [mspId, member] as const;
    });
    const corner = (latitude: bigint, longitude: bigint): Charter['area']['polygon'][number] => ({
        latitude,
        longitude,
    });
    return {
        version,
        name: 'Test community',
        clock: [{ fromSlot: 0, offsetMinutes: 60 }],
        area: { polygon: [corner(0n, 0n), corner(0n, 1n), corner(1n, 1n)], feeders: [] },
        gridConnections: 1,
        rules: {
            currency: 'EUR',
            minorUnitNanos: 10_000_000n,
            replayAllowed: true,
            monitorMaxAgeSlots: 8,
            readingDeadlineSlots: 96,
            voidDeadlineSlots: 8,
            openAheadDays: 7,
        },
        roles: { dso: 'DSOMSP', operator: 'DSOMSP', auditor: 'H2MSP' },
        operatorKey: 'AAAA',
        members: Object.fromEntries(members),
        terms: [],
        committees,
    };
}

export function committee(fromSlot: number): Charter['committees'][number] {
    const seats = MEMBERS.map((mspId) => ({ mspId, weight: 1n }));
    return { fromSlot, seats, quorum: { numerator: 1n, denominator: 2n }, recorded: { version: 1, slot: FIRST } };
}

export function round(slot: number, change: Partial<RoundRecord> = {}): RoundRecord {
    const mechanism = 'uniform-price/v1';
    return { day: DAY, slot, status: 'open', replay: true, charterVersion: 2, mechanism, ...change };
}

export const order = (slot: number, mspId: string): OrderMarker => ({
    hash: HASH,
    version: 1,
    mspId,
    slot,
    id: 'o1',
    signature: 'AAAA',
});

const sums: NonNullable<Totals['sums']> = {
    households: 2,
    provisional: false,
    tradedWh: 300n,
    importedWh: 2_202n,
    exportedWh: 0n,
    slots: [],
    postings: [
        { account: 'community', amountNanos: 9_000_000n },
        { account: 'households', amountNanos: -9_000_000n },
    ],
    settlementsHash: HASH,
    given: { boughtWh: [300n], postings: [] },
};

const epoch = (change: Partial<EpochRecord>): EpochRecord => {
    const point = { depositNanos: 0n, reputation: 0n };
    const penalties = { unrevealed: point, missedDuty: point, doubleReading: point, unattestedSale: point };
    const ppm = { alphaPpm: 400_000n, betaPpm: 300_000n, gammaPpm: 300_000n, floorPpm: 1_000n, capPpm: 330_000n };
    const reputation = { perReveal: 1n, perRound: 1n, perBlock: 1n, cap: 100n, decayPpm: 0n };
    const slots = { commitSlots: 4, revealSlots: 4, confirmSlots: 4 };
    const election = { seats: 2, leadDays: 1, quorum: 'half' as const, rule: 'proportional' as const };
    const fees = { producerFeeNanos: 1n, committeeFeeNanos: 1n, keepDays: 60 };
    const energy = { ageCap: 10, energyStepWh: 100n, energyLagDays: 0 };
    const parameters = { fromDay: DAY, ...ppm, ...energy, reputation, ...election, ...slots, ...fees, penalties };
    const until = { commitUntil: FIRST + 4, revealUntil: FIRST + 8, confirmUntil: FIRST + 12 };
    return {
        epoch: DAY,
        status: 'committing',
        energyDay: DAY,
        charterVersion: 2,
        parameters,
        members: MEMBERS,
        ...until,
        ...change,
    };
};

const weights: EpochRecord['weights'] = MEMBERS.map((mspId, i) => ({
    mspId,
    commitment: i === 0 ? HASH : null,
    tokens: BigInt(9 - i),
    age: i,
    reputation: 5n,
    energyPpm: 500_000n,
    agePpm: 500_000n,
    reputationPpm: 500_000n,
    weight: 500_000n,
}));

const schedule = (change: Partial<ScheduleRecord>): ScheduleRecord => ({
    day: DAY,
    charterVersion: 2,
    mode: 'schedule',
    imbalance: { shortPrice: 300_000n, longPrice: 80_000n },
    status: 'planned',
    ...change,
});

const reference = { mspId: 'H1MSP', from: DAY, to: DAY, id: 'bill' };
const bill: BillMarker = {
    hash: HASH,
    version: 1,
    mspId: 'H1MSP',
    from: DAY,
    to: DAY,
    signedBy: 'owner',
    provisional: false,
    commitment: { layout: BILL_LAYOUT, element: HASH },
    signature: 'AAAA',
};
const payment = (status: Payment['status']): Payment => ({ ...reference, status });
const document: DocumentRecord = { ...reference, number: 7, run: 1, hash: HASH, dueDay: '2014-10-31', reminders: [] };

const slots = Array.from({ length: SLOTS }, (_, i) => FIRST + i);
const cleared = (slot: number): Partial<RoundRecord> => ({
    status: 'cleared',
    closed: MEMBERS.map((mspId) => ({ order: `${mspId}/o1`, hash: HASH })),
    ordersHash: HASH,
    closedAt: 1_412_290_800,
    price: slot === FIRST ? null : BigInt(150_000 + slot - FIRST),
    ...(slot === FIRST + 1 && { volumeWh: 300n, surplusNanos: 0n }),
    outcomes: [],
    dropped: [],
    attempt: 'a1',
});

/** A community that is founded and trades a day of a few rounds, one of which is void; an epoch, a schedule, a bill. */
export function marketTransactions(): ChainTransaction[] {
    const secretly = [{ collection: '_implicit_org_H1MSP', key: 'order/o1', value: SECRET }];
    return [
        writing(
            'community:establish',
            [[charterKey, charter(1)]],
            [{ type: 'CommunityEstablished', name: 'Test community' }],
        ),
        writing('committee:appoint', [[charterKey, charter(2, [committee(FIRST - 96), committee(FIRST + 96)])]]),
        writing(
            'auction:openDay',
            [
                [dayKey(DAY), { day: DAY, first: FIRST, count: SLOTS, replay: true, charterVersion: 2 }],
                [totalsKey(DAY), { day: DAY, charterVersion: 2, status: 'open' }],
                ...slots.map((slot) => [roundKey(DAY, slot), round(slot)] as const),
            ],
            [{ type: 'DayOpened', day: DAY, first: FIRST, count: SLOTS, replay: true }],
            { policies: { [compositeKey(dayKey(DAY))]: Buffer.from('policy') } },
        ),
        ...slots.flatMap((slot) => [
            ...MEMBERS.map((mspId) =>
                writing(
                    'auction:submitOrders',
                    [[orderKey(slot, mspId, 'o1'), order(slot, mspId)]],
                    [{ type: 'OrderSubmitted', slot, mspId, id: 'o1' }],
                    { privateWrites: secretly, client: mspId.replace('MSP', '') },
                ),
            ),
            writing('auction:closeRound', [[roundKey(DAY, slot), round(slot, { ...cleared(slot), status: 'closed' })]]),
            slot === FIRST + 2
                ? writing('auction:voidRound', [
                      [roundKey(DAY, slot), round(slot, { status: 'void', reason: 'nobody' })],
                  ])
                : writing(
                      'auction:clearRound',
                      [[roundKey(DAY, slot), round(slot, cleared(slot))]],
                      [{ type: 'RoundCleared', day: DAY, slot, price: null }],
                      { endorsers: ['H2', 'H1'] },
                  ),
        ]),
        writing('auction:clearRound', [[roundKey(DAY, FIRST), round(FIRST, { status: 'void' })]], [], { code: 11 }),
        writing('schedule:open', [[scheduleKey(DAY), schedule({ status: 'notConverged', reason: 'too late' })]]),
        writing('stake:openEpoch', [[epochKey(DAY), epoch({})]]),
        writing('stake:fixWeights', [[epochKey(DAY), epoch({ status: 'revealing', weights })]]),
        writing('billing:closeDay', [[totalsKey(DAY), { day: DAY, charterVersion: 2, status: 'closed', sums }]]),
        writing('billing:issueBill', [
            [billKey('H1MSP', DAY, DAY), bill],
            [paymentKey(reference), payment('open')],
        ]),
        writing('invoicing:finalise', [[documentKey(reference), document]]),
        writing('accounts:payBill', [[paymentKey(reference), payment('paid')]]),
    ];
}

/** The day in blocks of one to seven transactions, as they come. */
export async function marketChain(transactions = marketTransactions()): Promise<TestChain> {
    const chain = await TestChain.create();
    for (let next = 0, size = 1; next < transactions.length; next += size, size = 1 + ((size * 3) % 7)) {
        chain.add(...transactions.slice(next, next + size));
    }
    return chain;
}
