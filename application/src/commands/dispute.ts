import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter, Disputed, DisputeMarker } from '@commonwatt/chaincode/api/records';
import { dayOf, slot as slotNumber } from '@commonwatt/chaincode/domain/slot';
import type { CommunityMembers, MemberAccess } from '../community/members';
import { evidenceOf, type Evidence } from '../data/evidence';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { Disputes } from '../market/disputes';
import { operatorAndCommittee } from '../market/endorsers';
import { disputesText, disputeText } from '../report/dispute-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf, clockOf, slotOf } from './look';

/** What a home does with its disputes, and what the grid operator does. */
export const DISPUTE_PARTS = ['list', 'open', 'answer', 'withdraw', 'resolve'] as const;
export type DisputePart = (typeof DISPUTE_PARTS)[number];
export const DISPUTE_KINDS = ['reading', 'settlement', 'correction', 'bill', 'suspicion'] as const;

export interface DisputeOptions extends CommonOptions {
    readonly id?: string;
    readonly about?: (typeof DISPUTE_KINDS)[number];
    readonly day?: string;
    readonly to?: string;
    readonly slot?: string;
    readonly number?: string;
    readonly text?: string;
    readonly evidence?: readonly string[];
    readonly decision?: 'upheld' | 'rejected';
    readonly committee?: boolean;
}

interface Asked {
    readonly members: CommunityMembers;
    readonly charter: Charter;
    readonly member: MemberAccess;
    /** The day that was asked for, or the one that was traded last. */
    readonly day: string | undefined;
    readonly options: DisputeOptions;
}

/** What became of which dispute. */
interface Done {
    readonly id: string;
    readonly evidence: readonly Evidence[];
}

/** A home's disputes, each party with its own key at its own peer. */
export async function dispute(home: string, part: DisputePart, options: DisputeOptions): Promise<number> {
    const context = contextOf(options);
    const day = options.day ?? rememberedDay(context.layout)?.day;
    return withMembers(context, async (members) => {
        if (!members.topology.homes.includes(home)) {
            const why = `'${home}' is no household; there are ${members.topology.homes.join(', ')}`;
            throw wrong(why);
        }
        const member = members.member(home);
        const charter = await charterOf(member.calls);
        if (part === 'list') {
            print(await listed(home, member, options));
            return EXIT.done;
        }
        const { id, evidence } = await PARTS[part]({ members, charter, member, day, options });
        const marker = await findDispute(member, id);
        print(options.json === true ? encode({ dispute: marker, evidence }) : disputeText(home, marker, evidence));
        return EXIT.done;
    });
}

const PARTS: Readonly<Record<Exclude<DisputePart, 'list'>, (asked: Asked) => Promise<Done>>> = {
    open: async (asked) => {
        const { member, options } = asked;
        const about = disputedOf(asked);
        const said = await saidBy(asked, options.id ?? `d${Date.now()}`);
        await disputesOf(member).open(said.statement, about, operatorOf(asked));
        return said;
    },
    answer: async (asked) => {
        const { statements } = await findDispute(asked.member, idOf(asked));
        const said = await saidBy(asked, idOf(asked));
        await disputesOf(asked.members.operator).answer(said.statement, statements + 1);
        return said;
    },
    withdraw: async (asked) => {
        const id = idOf(asked);
        await disputesOf(asked.member).withdraw(id, operatorOf(asked));
        return { id, evidence: [] };
    },
    resolve: async (asked) => {
        const { charter, member, options } = asked;
        const id = idOf(asked);
        if (options.decision === undefined) {
            throw wrong('--decision upheld or rejected says how it ends');
        }
        const { slot, charterVersion } = await findDispute(member, id);
        const { day } = dayOf(slotNumber(slot), clockOf(charter));
        const endorsers =
            options.committee === true
                ? operatorAndCommittee(charter, { day, slot, charterVersion })
                : [member.calls.mspId, operatorOf(asked)];
        const operator = disputesOf(asked.members.operator);
        await operator.resolve(member.calls.mspId, id, options.decision === 'upheld', endorsers);
        return { id, evidence: [] };
    },
};

async function saidBy(
    { member, options }: Asked,
    id: string,
): Promise<Done & { statement: Parameters<Disputes['answer']>[0] }> {
    const { text } = options;
    if (text === undefined || text === '') {
        throw wrong('--text says what is contested, or answered');
    }
    const evidence = await evidenceOf(options.evidence ?? []);
    const hashes = evidence.map(({ sha256 }) => sha256);
    return { id, evidence, statement: { mspId: member.calls.mspId, id, text, evidence: hashes } };
}

/** The record that is contested. */
function disputedOf({ charter, day, options: { about, to, slot, number } }: Asked): Disputed {
    if (about === undefined) {
        throw wrong(`--about says which record is contested: ${DISPUTE_KINDS.join(', ')}`);
    }
    if (about === 'reading') {
        const which = slot ?? missing('--slot, the number of the quarter hour or its time as 12:15');
        return { kind: about, slot: slotOf('dispute', which, clockOf(charter), day) };
    }
    const of = dayNamed('--day', day);
    switch (about) {
        case 'correction':
            return { kind: about, day: of, number: numberOf(number) };
        case 'bill':
            return { kind: about, from: of, to: dayNamed('--to', to ?? of) };
        case 'settlement':
        case 'suspicion':
            return { kind: about, day: of };
    }
}

function dayNamed(option: string, day: string | undefined): string {
    const named = day ?? missing(`${option}; no day has been traded here yet`);
    return isDay(named) ? named : missing(`${option} as 2014-10-03, not '${named}'`);
}

function numberOf(text = ''): number {
    return /^[1-9]\d{0,3}$/.test(text) ? Number(text) : missing("--number, the correction's, counted from 1");
}

const idOf = ({ options: { id } }: Asked): string => id ?? missing('--id; `commonwatt dispute HOME` lists them');

async function findDispute({ organisation, calls, keys }: MemberAccess, id: string): Promise<DisputeMarker> {
    const all = await new Disputes(calls, keys).list(calls.mspId);
    const found = all.find((each) => each.id === id);
    if (found === undefined) {
        const there = all.map((each) => each.id).join(', ') || 'none';
        throw new NotNow(`${organisation.id} has no dispute '${id}'; there is ${there}`);
    }
    return found;
}

/** With what was said, which only the home and the grid operator may read: from the home's own peer. */
async function listed(home: string, member: MemberAccess, { json }: DisputeOptions): Promise<string> {
    const disputes = disputesOf(member);
    const { mspId } = member.calls;
    const all = await Promise.all(
        (await disputes.list(mspId)).map(async (marker) => ({
            dispute: marker,
            statements: await disputes.statements(mspId, marker.id),
        })),
    );
    return json === true ? encode({ home, disputes: all }) : disputesText(home, all);
}

const disputesOf = ({ calls, keys }: MemberAccess): Disputes => new Disputes(calls, keys);
const operatorOf = ({ members }: Asked): string => members.operator.calls.mspId;
const wrong = (why: string): InputError => new InputError({ file: 'dispute' }, why);

function missing(what: string): never {
    throw wrong(`it takes ${what}`);
}
