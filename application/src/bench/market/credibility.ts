import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Credibility } from '@commonwatt/chaincode/domain/storage/terms';
import { startNetwork } from '@commonwatt/network/topology/processes/network';
import { endProcesses, recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { organisation, type Storage } from '@commonwatt/network/topology/topology';
import { serveAttestation } from '../../attestation/attestation-server';
import { governorsNow } from '../../community/admission';
import type { CommunityMembers } from '../../community/members';
import { operatorAgent } from '../../community/trade';
import { SAMPLE_DAY } from '../../data/sample';
import { dayAfter } from '../../data/zone';
import { Contracts } from '../../market/contracts';
import { Community, Governance } from '../../market/governance';
import { onceCaughtUp } from '../../storage/catching-up';
import { agreed, attestation, exchanged, offer } from '../../storage/statements';
import { storageCheck, type StoredEnergy } from '../../storage/storage-check';
import { percentiles, type Percentiles } from '../load';
import { tenths } from '../statistics';

/** One way of making sure that what is sold is there, with the same sales. Times in ms as clients see them. */
export interface CredibilityFigures {
    readonly credibility: Credibility;
    readonly sales: number;
    /** From the seller's proposal until its peer has committed the offer. */
    readonly offerMs: Percentiles;
    /** Of that, until it is endorsed. */
    readonly endorseMs: Percentiles;
    /** By broadcast, before: from the storage system's proposal until its peer has committed the attestation. */
    readonly attestMs: Percentiles | null;
    readonly perSale: {
        readonly transactions: number;
        readonly endorsements: number;
        /** Of the storage system's own service; more than one where an offer had to be endorsed anew. */
        readonly questions: number;
        /**
         * Each endorsement is asked for and given, each transaction handed in and acknowledged, each question asked and answered: what goes
         * between processes until all is ordered. Blocks then go to every peer.
         */
        readonly messages: number;
    };
}

/** The storage system is the last of the homes. It needs chaincode services of its own. */
export const CREDIBILITY_HOMES = 4;
export const BENCH_STORAGE: Storage = {
    home: `H${CREDIBILITY_HOMES}`,
    capacityWh: 100_000,
    chargeW: 10_000,
    dischargeW: 10_000,
    chargePpm: 1_000_000,
    dischargePpm: 1_000_000,
    credibility: 'request-response',
    feeMicrosPerKwh: 5_000,
};

const LOT_WH = 100n;
const PRICE = 200_000n;
const WARM_UP = 3;
/** Positions in the day: energy is taken in from the first on, and given out from the second on. */
const TAKEN_FROM = 20;
const GIVEN_FROM = 60;
const LOTS_PER_SLOT = 4;

/**
 * Both ways beside each other on one network: the first day by request and response, as the community was founded, the next by broadcast.
 * One sale after the other, each by another of the households in turn.
 */
export async function measureCredibility(members: CommunityMembers, sales: number): Promise<CredibilityFigures[]> {
    const stored: StoredEnergy[] = [];
    let questions = 0;
    const check = storageCheck(() => stored);
    const service = await serveAttestation(await attestedBySocket(members), (question) => {
        questions += 1;
        return check(question);
    });
    try {
        const nextDay = dayAfter(SAMPLE_DAY);
        await broadcastFrom(members, nextDay);
        const asked = await sell(members, { day: SAMPLE_DAY, credibility: 'request-response', sales, stored });
        const perSale = questions / (sales + WARM_UP);
        questions = 0;
        const broadcast = await sell(members, { day: nextDay, credibility: 'broadcast', sales, stored });
        return [figuresOf(asked, perSale), figuresOf(broadcast, questions / (sales + WARM_UP))];
    } finally {
        service.close();
    }
}

/** Lets the storage system's chaincode ask a service at a socket before its peer endorses an offer. Returns the socket. */
async function attestedBySocket({ topology, layout }: CommunityMembers): Promise<string> {
    const { directory, file } = layout.organisation(organisation(topology, BENCH_STORAGE.home)).attestation;
    const socket = `${dirname(layout.var)}/storage.sock`;
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, JSON.stringify({ service: `unix:${socket}`, transactions: ['contracts:offer'] }));
    const own = new RegExp(`^chaincode-\\w+-${BENCH_STORAGE.home}$`);
    await endProcesses(
        recordedProcesses(layout).filter(({ name }) => own.test(name)),
        layout,
    );
    await startNetwork(topology, layout);
    return socket;
}

async function broadcastFrom(members: CommunityMembers, fromDay: string): Promise<void> {
    const charter = await new Governance(members.operator.calls).charter();
    const [terms] = charter?.storage ?? [];
    if (terms === undefined) {
        throw new Error('the community has no storage system');
    }
    const community = new Community(members.operator.calls, await governorsNow(members));
    await community.scheduleStorage({ ...terms, fromDay, credibility: 'broadcast' });
}

interface Sales {
    readonly day: string;
    readonly credibility: Credibility;
    readonly sales: number;
    readonly stored: StoredEnergy[];
}

interface Took {
    readonly endorseMs: number;
    readonly commitMs: number;
}

interface Sold {
    readonly credibility: Credibility;
    readonly offers: readonly Took[];
    readonly attestations: readonly Took[];
}

async function sell(members: CommunityMembers, { day, credibility, sales, stored }: Sales): Promise<Sold> {
    const operator = members.operator.calls.mspId;
    const charter = await new Governance(members.operator.calls).charter();
    if (charter === undefined) {
        throw new Error('the community is not founded');
    }
    const { first } = await operatorAgent(members, charter).openDay(day, true, 'H1MSP');
    const begin = members.log.outcomes.length;
    const storage = members.member(BENCH_STORAGE.home);
    const sellers = members.households.filter(({ calls }) => calls.mspId !== storage.calls.mspId);
    for (let n = 0; n < sales + WARM_UP; n += 1) {
        const seller = sellers[n % sellers.length] ?? storage;
        const at = Math.floor(n / LOTS_PER_SLOT);
        const lot = { day, slot: first + TAKEN_FROM + at, id: `a${n}` };
        const prosumer = seller.calls.mspId;
        const taken = { storage: storage.calls.mspId, prosumer, energyWh: LOT_WH };
        stored.push({ ...lot, prosumer, energyWh: LOT_WH, releasableWh: LOT_WH });
        const exchange = exchanged(lot, taken);
        const attested = await attestation(storage.keys, exchange, await agreed(seller.keys, exchange));
        if (credibility === 'broadcast') {
            await new Contracts(storage.calls).attest(day, [attested], operator);
        }
        const signed = await offer(seller.keys, lot, {
            ...{ version: 1, seller: prosumer, storage: storage.calls.mspId, energyWh: LOT_WH, price: PRICE },
            feeNanos: BigInt(BENCH_STORAGE.feeMicrosPerKwh) * LOT_WH,
            deliverySlot: first + GIVEN_FROM + at,
        });
        const brought = { storage: storage.calls.mspId, attestation: attested };
        const asked = credibility === 'broadcast' ? undefined : brought;
        // The seller's peer may be a block behind the storage system's: that is nobody's time.
        await onceCaughtUp(() => new Contracts(seller.calls).offer(lot, signed, operator, asked));
    }
    const done = members.log.outcomes.slice(begin).filter(({ validationCode }) => validationCode === 'VALID');
    const of = (name: string): Took[] => done.filter(({ transaction }) => transaction === name).slice(WARM_UP);
    return { credibility, offers: of('contracts:offer'), attestations: of('contracts:attest') };
}

function figuresOf({ credibility, offers, attestations }: Sold, questions: number): CredibilityFigures {
    const whole = ({ endorseMs, commitMs }: Took): number => endorseMs + commitMs;
    const isBroadcast = credibility === 'broadcast';
    // Seller and grid operator endorse an offer, storage system and grid operator an attestation; all three an offer that brings it along.
    const [transactions, endorsements] = isBroadcast ? [2, 4] : [1, 3];
    return {
        credibility,
        sales: offers.length,
        offerMs: percentiles(offers.map(whole)),
        endorseMs: percentiles(offers.map(({ endorseMs }) => endorseMs)),
        attestMs: isBroadcast ? percentiles(attestations.map(whole)) : null,
        perSale: {
            transactions,
            endorsements,
            questions: tenths(questions),
            messages: tenths(2 * (endorsements + transactions + questions)),
        },
    };
}

/** For people. */
export function credibilityText({
    credibility,
    sales,
    offerMs,
    endorseMs,
    attestMs,
    perSale,
}: CredibilityFigures): string {
    const before = attestMs === null ? '' : `, attested before in ${attestMs.p50} ms`;
    return (
        `  ${credibility.padEnd(17)} ${sales} sales: offered in ${offerMs.p50} ms (p95 ${offerMs.p95}), of that endorsed in ${endorseMs.p50} ms` +
        `${before}; ${perSale.messages} messages: ${perSale.transactions} transactions, ${perSale.endorsements} endorsements, ${perSale.questions} questions`
    );
}
