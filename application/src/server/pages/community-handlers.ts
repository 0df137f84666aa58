import { slotAt } from '@commonwatt/chaincode/domain/slot';
import type { Charter } from '@commonwatt/chaincode/api/records';
import type { Household } from '../../household-view/household';
import type { CommitteeRow, StakeRow } from '../../read-model/rows';
import type { Handlers } from '../api';
import type { PublicData } from '../public-data';
import type { AnswerTo } from './answers';

type Page = AnswerTo<'GET /community'>;

/** "The last blocks". */
const BLOCKS = 100;
/** A peer that says nothing for so long is shown as silent. */
const PATIENCE_MS = 2_000;
/** Heights are asked for anew at most this often, however many look. */
const HEIGHTS_MS = 2_000;

/** Who takes part; the same for every member, but for heights, which each asks for by itself. */
export function communityHandlers(
    data: PublicData,
    nameOf: (mspId: string) => string,
    nowSeconds: () => number,
): Pick<Handlers, 'GET /community'> {
    const heights = new Map<string, { readonly at: number; readonly asked: Promise<Page['peers']> }>();
    const heightsFor = (household: Household, charter: Charter): Promise<Page['peers']> => {
        const known = heights.get(household.id);
        if (known !== undefined && Date.now() - known.at < HEIGHTS_MS) {
            return known.asked;
        }
        const asked = peersOf(household, charter, nameOf);
        heights.set(household.id, { at: Date.now(), asked });
        return asked;
    };
    return {
        'GET /community': async ({ household }) => {
            const charter = await household.ledger.charter();
            const slot = slotAt(nowSeconds());
            const shared = await household.ledger.once(`community ${slot} ${data.height}`, () =>
                sharedPage({ data, charter, nameOf, household, slot }),
            );
            return { ...shared, peers: await heightsFor(household, charter) };
        },
    };
}

interface Shared {
    readonly data: PublicData;
    readonly charter: Charter;
    readonly nameOf: (mspId: string) => string;
    readonly household: Household;
    readonly slot: number;
}

async function sharedPage({ data, charter, nameOf, household, slot }: Shared): Promise<Omit<Page, 'peers'>> {
    const { queries, height } = data;
    const [stake, committee, producers] = await Promise.all([
        queries.stakeAndWeights(),
        queries.committee(slot),
        queries.producers(Math.max(0, height - BLOCKS), Math.max(0, height - 1)),
    ]);
    const weights = new Map((stake?.weights ?? []).map((row) => [row.mspId, row]));
    const members = Object.values(charter.members).map((member): Page['members'][number] => {
        const row = weights.get(member.mspId);
        return {
            mspId: member.mspId,
            name: nameOf(member.mspId),
            isOwn: member.mspId === household.mspId,
            status: member.standings.at(-1)?.status ?? 'left',
            prosumer: member.prosumer,
            weightPpm: row === undefined ? null : BigInt(row.weight),
            stake:
                row === undefined
                    ? null
                    : { energyTokens: BigInt(row.tokens), age: row.age, reputation: BigInt(row.reputation) },
        };
    });
    return {
        name: charter.name,
        members,
        epoch: stake?.epoch ?? null,
        committee: committee === undefined ? null : committeeOf(committee, nameOf),
        next: nextOf(stake, charter, nameOf),
        producers: {
            from: producers.from,
            to: producers.to,
            by: producers.producers.map(({ mspId, blocks, power }) => ({
                ...{ mspId, name: nameOf(mspId), blocks },
                power: BigInt(power ?? '0'),
            })),
        },
    };
}

const committeeOf = (
    { fromSlot, seats, quorum, electedIn }: CommitteeRow,
    nameOf: (mspId: string) => string,
): NonNullable<Page['committee']> => ({
    fromSlot,
    electedIn,
    seats: seats.map(({ mspId, weight }) => ({ mspId, name: nameOf(mspId), weight: BigInt(weight) })),
    quorum: { numerator: BigInt(quorum.numerator), denominator: BigInt(quorum.denominator) },
});

/** The one that the newest epoch elected. */
function nextOf(stake: StakeRow | undefined, charter: Charter, nameOf: (mspId: string) => string): Page['next'] {
    const elected = stake?.committee;
    const term = charter.committees.find(({ electedIn }) => electedIn === stake?.epoch);
    if (elected === undefined || elected === null || term === undefined) {
        return null;
    }
    return {
        fromSlot: elected.fromSlot,
        electedIn: stake?.epoch ?? null,
        seats: elected.seats.map(({ mspId, weight }) => ({ mspId, name: nameOf(mspId), weight: BigInt(weight) })),
        quorum: term.quorum,
    };
}

function peersOf(
    { ledger }: Household,
    { members, roles }: Charter,
    nameOf: (mspId: string) => string,
): Promise<Page['peers']> {
    const all = [...new Set([...(roles.dso === undefined ? [] : [roles.dso]), ...Object.keys(members)])];
    return Promise.all(
        all.map(async (mspId) => ({ mspId, name: nameOf(mspId), height: await inTime(ledger.heightAt(mspId)) })),
    );
}

/** Null where nobody answers in time. */
function inTime(asked: Promise<number>): Promise<number | null> {
    return new Promise((resolve) => {
        const timer = setTimeout(() => {
            resolve(null);
        }, PATIENCE_MS);
        asked
            .then(resolve, () => {
                resolve(null);
            })
            .finally(() => {
                clearTimeout(timer);
            });
    });
}
