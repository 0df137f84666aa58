import { isActiveOn } from '../community/admission';
import { restoreRecords } from '../community/restoring';
import { operatorAgent, returningHousehold } from '../community/trade';
import { InputError } from '../data/input-error';
import { termsOn } from '../day/trading-day';
import type { Corrected } from '../household/returning';
import { decimal } from '../report/decimal';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { expectedData, meterData, rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf } from './look';

/**
 * A home that was silent on the day that was traded last is back, or its meter was read wrong: it gets its records of the day, records what its
 * meter says in place of estimates and other readings, and adds the difference to the settlement.
 */
export async function correct(home: string, options: CommonOptions): Promise<number> {
    const context = contextOf(options);
    const choice = rememberedDay(context.layout);
    if (choice === undefined) {
        throw new NotNow('no day has been traded here yet');
    }
    if (!context.topology.homes.includes(home)) {
        const why = `'${home}' is no household; there are ${context.topology.homes.join(', ')}`;
        throw new InputError({ file: 'correct' }, why);
    }
    return withMembers(context, async (members) => {
        const member = members.member(home);
        const charter = await charterOf(member.calls);
        if (!isActiveOn(charter, member.calls.mspId, choice.day)) {
            throw new NotNow(`${home} took no part in ${choice.day}`);
        }
        const { metered } = meterData(members.topology, choice);
        const { day: expected } = await expectedData(members.topology, choice);
        await restoreRecords(member.calls, { other: members.operator.calls });
        const rounds = await operatorAgent(members, charter).rounds(choice.day);
        const returning = returningHousehold(members, member, { charter, metered, expected });
        const corrected = await returning.correct(rounds, termsOn(charter, choice.day));
        print(options.json === true ? jsonOf(home, choice.day, corrected) : textOf(home, choice.day, corrected));
        return EXIT.done;
    });
}

function textOf(of: string, day: string, { slots, correction, bill, balanceNanos }: Corrected): string {
    if (correction === undefined) {
        return `Nothing of ${day} is to be corrected for ${of}.`;
    }
    const own = ownNanos(correction);
    return [
        `${slots} readings of ${of} on ${day} gave way to what its meter says; correction ${correction.number} adds ${decimal(own, 9)} to its account.`,
        `Settlement and corrections together: ${decimal(balanceNanos, 9)} (positive is received).`,
        bill === undefined
            ? 'No provisional bill has it: its agent puts the correction onto the next one.'
            : `Its bill takes the place of the provisional one: ${decimal(bill.dueMinor, 2)} are due, ${decimal(bill.corrections?.dueMinor ?? 0n, 2)} of it for the correction.`,
    ].join('\n');
}

function jsonOf(home: string, day: string, { slots, correction, bill, balanceNanos }: Corrected): string {
    return JSON.stringify({
        home,
        day,
        correctedSlots: slots,
        correction: correction?.number ?? null,
        provisional: correction?.provisional ?? null,
        nanos: correction === undefined ? '0' : ownNanos(correction).toString(),
        balanceNanos: balanceNanos.toString(),
        dueMinor: bill?.dueMinor.toString() ?? null,
    });
}

const ownNanos = ({ mspId, postings }: NonNullable<Corrected['correction']>): bigint =>
    postings.find(({ account }) => account === `household:${mspId}`)?.amountNanos ?? 0n;
