import { beforeAll, describe, expect, it } from '@jest/globals';
import { TRANSACTIONS, type TransactionName } from '../api/transactions';
import type { RefusalCode } from '../domain/refusals';
import { inputFaults, policyFaults, PUBLIC_FAULTS, type Fault } from '../testing/faults/faults';
import { billing, storedEnergy, tradingDay } from '../testing/faults/scenarios';
import { tried, type Accepted, type Outcome } from '../testing/faults/tried';

// Everything below is found by doing: each transaction is tried where it would be accepted, with one thing wrong and with two.

const SCENARIOS: readonly {
    readonly what: string;
    readonly scenario: () => Promise<ReadonlyMap<string, Accepted>>;
    readonly names: readonly TransactionName[];
}[] = [
    {
        what: 'a day of trading',
        scenario: tradingDay,
        names: [
            'auction:submitOrders',
            'auction:cancelOrder',
            'auction:closeRound',
            'auction:revealOrders',
            'auction:clearRound',
            'auction:callReveals',
            'auction:voidRound',
            'metering:recordReadings',
            'metering:estimateReadings',
            'auction:handOver',
            'billing:settle',
            'billing:draftSettlement',
            'billing:settleProvisionally',
            'billing:closeDay',
            'corrections:record',
            'corrections:draft',
            'disputes:open',
            'disputes:answer',
            'disputes:resolve',
            'disputes:withdraw',
        ],
    },
    {
        what: 'bills and money',
        scenario: billing,
        names: [
            'accounts:deposit',
            'accounts:takeIn',
            'accounts:reserveDay',
            'accounts:withdraw',
            'accounts:tellBank',
            'accounts:confirmWithdrawal',
            'corrections:record',
            'billing:issueBill',
            'billing:draftBill',
            'billing:issueBillProvisionally',
            'billing:publishBills',
            'invoicing:finalise',
            'accounts:releaseDay',
            'accounts:collect',
            'invoicing:remind',
            'invoicing:recordPayment',
            'accounts:payBill',
            'invoicing:issueCreditNote',
            'accounts:takeCredit',
        ],
    },
    {
        what: 'stored energy',
        scenario: storedEnergy,
        names: [
            'contracts:attest',
            'contracts:offer',
            'contracts:withdraw',
            'contracts:buy',
            'contracts:release',
            'contracts:confirm',
            'contracts:refund',
        ],
    },
];

/** What is accepted all the same, and why. */
const HARMLESS: readonly { readonly name: RegExp; readonly fault: RegExp; readonly because: string }[] = [
    {
        name: /.*/,
        fault: /write market\|\/order\//,
        because: 'a round is closed over orders under the right policy, and drops the others',
    },
    {
        name: /auction:cancelOrder|contracts:/,
        fault: /write market\|\/(round|day)\//,
        because: 'what it relies on there can only keep it from happening',
    },
    { name: /billing:draft/, fault: /too early/, because: 'a household waits for no deadline' },
    { name: /accounts:|contracts:buy/, fault: /the bank/, because: 'it takes nothing in that the bank has said' },
    {
        name: /accounts:releaseDay/,
        fault: /write market\|\/(bill|payment)\//,
        because: 'nothing was collected for what is no bill',
    },
    {
        name: /invoicing:issueCreditNote/,
        fault: /documentNumber/,
        because: 'the document itself says which number it has',
    },
    { name: /billing:issueBillProvisionally/, fault: /corrections is not there/, because: 'there are none' },
    { name: /billing:settleProvisionally/, fault: /orders lacks one/, because: 'that one was dropped from its round' },
];

/** Codes that a transaction refuses with at several places: they stand in the catalogue where they can come first. */
const IN_SEVERAL_PLACES: ReadonlySet<RefusalCode> = new Set([
    'MALFORMED',
    'KEY_POLICY_WRONG',
    'OPENING_UNKNOWN',
    'OPENING_MISSING',
    'OPENING_MISMATCH',
    'SIGNATURE_INVALID',
]);

const refusalsOf = (name: string): readonly RefusalCode[] => TRANSACTIONS[name as TransactionName].refusals;

async function outcomeOf(given: Accepted, ...faults: readonly Fault[]): Promise<Outcome | undefined> {
    let wrong: Accepted | undefined = given;
    for (const fault of faults) {
        wrong = wrong && fault.apply(wrong);
    }
    return wrong && tried(wrong);
}

/** Whether nothing else should have been expected of one thing that is wrong. */
function isAsExpected({ name }: Accepted, fault: Fault, outcome: Outcome): boolean {
    const isHarmless = HARMLESS.some((each) => each.name.test(name) && each.fault.test(fault.name));
    const isRefused = outcome === fault.code || (fault.others ?? []).some((code) => code === outcome);
    return isRefused || !refusalsOf(name).includes(fault.code) || (isHarmless && outcome === 'accepted');
}

interface Effective {
    readonly fault: Fault;
    readonly code: RefusalCode;
}

/** Everything that is wrong alone, with what it is refused with; what is of no account to the transaction is left out. */
async function effective(given: Accepted, faults: readonly Fault[]): Promise<Effective[]> {
    const found: Effective[] = [];
    const unexpected: string[] = [];
    for (const fault of faults) {
        const outcome = (await outcomeOf(given, fault)) ?? 'accepted';
        const isTried = fault.apply(given) !== undefined;
        if (isTried && !isAsExpected(given, fault, outcome)) {
            unexpected.push(`${fault.name}: ${outcome}`);
        }
        if (outcome !== 'accepted') {
            found.push({ fault, code: outcome });
        }
    }
    expect(unexpected).toEqual([]);
    return found;
}

/** Of two things that are wrong. */
function comesFirst(name: string, outcome: Outcome, one: Effective, other: Effective): boolean {
    const order = refusalsOf(name);
    const first = order.indexOf(one.code) < order.indexOf(other.code) ? one.code : other.code;
    const isLater = IN_SEVERAL_PLACES.has(first) && (outcome === one.code || outcome === other.code);
    const isBoth = one.fault.about !== undefined && one.fault.about === other.fault.about;
    return outcome === first || isLater || isBoth;
}

describe.each(SCENARIOS)('$what', ({ scenario, names }) => {
    let accepted: ReadonlyMap<string, Accepted>;
    const givenOf = (name: string): Accepted => accepted.get(name) as Accepted;

    beforeAll(async () => {
        accepted = await scenario();
    });

    it('has these transactions', () => {
        expect([...accepted.keys()]).toEqual(names);
    });

    it.each(names)(
        '%s is refused for whatever is wrong, and for two things in the order of the catalogue',
        async (name) => {
            const given = givenOf(name);
            expect(await tried(given)).toBe('accepted');
            const inPublic = await effective(given, PUBLIC_FAULTS);
            const inPrivate = await effective(given, [...(await policyFaults(given)), ...inputFaults(given)]);
            const wrongOrder: string[] = [];
            for (const one of inPublic) {
                for (const other of [...inPublic, ...inPrivate]) {
                    const outcome = await outcomeOf(given, other.fault, one.fault);
                    if (outcome !== undefined && !comesFirst(name, outcome, one, other)) {
                        wrongOrder.push(
                            `${one.fault.name} (${one.code}), ${other.fault.name} (${other.code}): ${outcome}`,
                        );
                    }
                }
            }
            expect(wrongOrder).toEqual([]);
        },
    );
});
