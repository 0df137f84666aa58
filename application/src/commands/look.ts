import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter, Member, RoundRecord } from '@commonwatt/chaincode/api/records';
import { dayOf, localDay, localTime, slot as slotNumber, slotsOf, type Clock } from '@commonwatt/chaincode/domain/slot';
import type { Layout } from '@commonwatt/network/topology/layout';
import type { CommunityMembers, MemberAccess } from '../community/members';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { Auction } from '../market/auction';
import { Billing } from '../market/billing';
import { Governance } from '../market/governance';
import type { TypedCalls } from '../market/typed-calls';
import { billText } from '../report/bill-text';
import { membersTable } from '../report/members-table';
import { roundText } from '../report/round-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';

export interface BillOptions extends CommonOptions {
    readonly day?: string;
    readonly from?: string;
    readonly to?: string;
}

/** A household's own bill: asked with its own key at its own peer. */
export async function bill(home: string, options: BillOptions): Promise<number> {
    const context = contextOf(options);
    const period = periodOf(options, context.layout);
    return withMembers(context, async (members) => {
        if (!members.topology.homes.includes(home)) {
            const why = `'${home}' is no household; there are ${members.topology.homes.join(', ')}`;
            throw new InputError({ file: 'bill' }, why);
        }
        const { calls } = members.member(home);
        const found = await new Billing(calls).bill(period);
        if (found === undefined) {
            throw new NotNow(
                `${home} has no bill from ${period.from} to ${period.to}; \`commonwatt day\` trades a day`,
            );
        }
        const { rules } = await charterOf(calls);
        print(options.json === true ? encode(found) : billText(home, found, rules.currency));
        return EXIT.done;
    });
}

function periodOf({ day, from, to }: BillOptions, layout: Layout): { from: string; to: string } {
    const last = rememberedDay(layout)?.day;
    const first = from ?? day ?? last;
    if (first === undefined) {
        throw new InputError({ file: '--day' }, 'no day has been traded here yet: say which day, --day 2014-10-03');
    }
    const period = { from: first, to: to ?? day ?? from ?? first };
    for (const [name, text] of Object.entries(period)) {
        if (!isDay(text)) {
            throw new InputError({ file: `--${name}` }, `'${text}' is not a day; write it as 2014-10-03`);
        }
    }
    return period;
}

/** Of what everybody may know. */
export interface ViewOptions extends CommonOptions {
    readonly as?: string;
}

export interface RoundOptions extends ViewOptions {
    readonly day?: string;
}

/** What everybody may know of a round, named by its slot's number or by its time on the day that was traded last. */
export async function round(which: string, options: RoundOptions): Promise<number> {
    const context = contextOf(options);
    return withMembers(context, async (members) => {
        const { calls } = viewer(members, options);
        const charter = await charterOf(calls);
        const clock = clockOf(charter);
        const wanted = slotOf('round', which, clock, options.day ?? rememberedDay(context.layout)?.day);
        const found = await new Auction(calls).round(wanted);
        print(
            options.json === true ? encode(found) : roundText(found, ...timeOf(found, clock), charter.rules.currency),
        );
        return EXIT.done;
    });
}

/** A slot by its number, or by its time on a day. @throws InputError naming the command */
export function slotOf(command: string, which: string, clock: Clock, day: string | undefined): number {
    if (/^\d{6,10}$/.test(which)) {
        return Number(which);
    }
    const isTime = /^([01]\d|2[0-3]):(00|15|30|45)$/.test(which);
    if (!isTime || day === undefined || !isDay(day)) {
        const why = `'${which}' is neither a slot's number nor the start of a quarter hour (12:15)`;
        throw new InputError({ file: command }, isTime ? 'say of which day: --day 2014-10-03' : why);
    }
    const found = slotsOf(localDay(day, clock)).find((each) => localTime(each, clock) === which);
    if (found === undefined) {
        throw new InputError({ file: command }, `the clocks skip ${which} on ${day}`);
    }
    return found;
}

function timeOf({ slot }: RoundRecord, clock: Clock): [string, string] {
    const of = slotNumber(slot);
    return [dayOf(of, clock).day, localTime(of, clock)];
}

export function clockOf({ clock }: Charter): Clock {
    return clock.map(({ fromSlot, offsetMinutes }) => ({ fromSlot: slotNumber(fromSlot), offsetMinutes }));
}

/** Who takes part: what governance has on file, which everybody may know. */
export async function members(options: ViewOptions): Promise<number> {
    return withMembers(contextOf(options), async (community) => {
        const { calls } = viewer(community, options);
        const { roles } = await charterOf(calls);
        const all: readonly Member[] = await new Governance(calls).members();
        print(options.json === true ? encode({ members: all, roles }) : membersTable(all, roles));
        return EXIT.done;
    });
}

/** Whose identity and peer are asked. What is public is the same for all; an organisation has the files of its own only. */
export function viewer(community: CommunityMembers, { as }: ViewOptions): MemberAccess {
    return as === undefined ? community.operator : community.member(as);
}

export async function charterOf(calls: TypedCalls): Promise<Charter> {
    const charter = await new Governance(calls).charter();
    if (charter === undefined) {
        throw new NotNow('the community is not founded; `commonwatt up` does that');
    }
    return charter;
}
