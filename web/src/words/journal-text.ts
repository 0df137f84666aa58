import type { JournalEntry } from '@commonwatt/application/server/schemas/agent';
import type { OutcomeReason } from '@commonwatt/chaincode/domain/auction/reasons';
import type { Formats } from './formats';
import type { Key, Translate } from './translate';

type Kind = JournalEntry['kind'];
type Of<K extends Kind> = Extract<JournalEntry, { readonly kind: K }>;
type Sentences = { readonly [K in Kind]: (entry: Of<K>, t: Translate, f: Formats) => string };

/** One sentence for each kind of entry; a kind without one does not compile. */
const SENTENCES: Sentences = {
    started: (_, t) => t('agent.started'),
    recovered: ({ facts }, t) => t('agent.recovered', { outcome: facts.outcome }),
    covered: ({ facts }, t, f) =>
        facts.covered
            ? t('agent.covered', { day: f.day(facts.day) })
            : t('agent.notCovered', { day: f.day(facts.day) }),
    ordered: orderedText,
    refused: ({ facts }, t, f) => t('agent.refused', { day: f.day(facts.day), code: facts.code }),
    opened: ({ facts }, t) => t('agent.opened', { orders: facts.orders }),
    traded: tradedText,
    read: ({ facts }, t, f) =>
        t('agent.read', {
            day: f.day(facts.day),
            imported: f.energy(facts.importedWh),
            exported: f.energy(facts.exportedWh),
        }),
    scheduled: ({ facts }, t, f) => t('agent.scheduled', { day: f.day(facts.day), status: facts.status }),
    settled: ({ facts }, t, f) => t('agent.settled', { day: f.day(facts.day) }),
    billSigned: billText,
    paid: ({ facts: { from, to, outcome } }, t, f) => t(PAID[outcome], { days: f.days(from, to) }),
    elected: ({ facts }, t, f) => t(ELECTED[facts.part], { day: f.day(facts.epoch) }),
    roundClosed: ({ slot, facts }, t, f) => t('agent.roundClosed', { time: timeOf(slot, f), orders: facts.orders }),
    roundCleared: ({ slot, facts }, t, f) =>
        facts.price === null
            ? t('agent.roundClearedEmpty', { time: timeOf(slot, f) })
            : t('agent.roundCleared', { time: timeOf(slot, f), price: f.price(facts.price) }),
    dayOpened: ({ facts }, t, f) => t('agent.dayOpened', { day: f.day(facts.day) }),
    dayClosed: ({ facts }, t, f) => t('agent.dayClosed', { day: f.day(facts.day) }),
    feederCompared: ({ facts }, t, f) =>
        t(facts.fits ? 'agent.feederFits' : 'agent.feederDiffers', { day: f.day(facts.day) }),
    billsPublished: ({ facts }, t, f) => t('agent.billsPublished', { day: f.day(facts.day) }),
    epoch: ({ facts }, t, f) => t(EPOCH[facts.part], { day: f.day(facts.epoch) }),
    trouble: ({ facts }, t) => t(facts.again ? 'agent.troubleAgain' : 'agent.trouble', { why: facts.why }),
};

const PAID = { paid: 'agent.paid', provisional: 'agent.provisional', unpaid: 'agent.unpaid' } as const;
const ELECTED = {
    committed: 'agent.committed',
    revealed: 'agent.revealed',
    confirmed: 'agent.confirmed',
} as const;
const EPOCH = {
    opened: 'agent.epochOpened',
    fixed: 'agent.epochFixed',
    closed: 'agent.epochClosed',
    rewarded: 'agent.epochRewarded',
} as const;

const timeOf = (slot: string | null, f: Formats): string => (slot === null ? '–' : f.slotSpan(slot));

function orderedText({ slot, facts }: Of<'ordered'>, t: Translate, f: Formats): string {
    const { side, energyWh, limit, expectedWh } = facts;
    const expected = BigInt(expectedWh);
    const values = { time: timeOf(slot, f), energy: f.energy(energyWh), limit: f.price(limit) };
    const order = t(side === 'buy' ? 'agent.orderedToBuy' : 'agent.orderedToSell', values);
    const reason =
        expected < 0n
            ? t('agent.becauseShort', { energy: f.energy(-expected) })
            : t('agent.becauseLong', { energy: f.energy(expected) });
    return `${order} ${reason}${batteryText(BigInt(facts.batteryWh), t, f)}`;
}

/** Negative is charged, positive is given. */
function batteryText(wh: bigint, t: Translate, f: Formats): string {
    if (wh === 0n) {
        return '';
    }
    return ` ${wh < 0n ? t('agent.batteryCharges', { energy: f.energy(-wh) }) : t('agent.batteryGives', { energy: f.energy(wh) })}`;
}

function tradedText({ slot, facts }: Of<'traded'>, t: Translate, f: Formats): string {
    const { side, orderedWh, filledWh, price, reason } = facts;
    const values = {
        time: timeOf(slot, f),
        filled: f.energy(filledWh),
        ordered: f.energy(orderedWh),
        price: price === null ? '–' : f.price(price),
    };
    if (BigInt(filledWh) > 0n) {
        return t(side === 'buy' ? 'agent.bought' : 'agent.sold', values);
    }
    const why = reason === null ? '' : ` ${t('agent.because', { reason: reasonText(reason, t) })}`;
    return `${t(side === 'buy' ? 'agent.notBought' : 'agent.notSold', { time: values.time, ordered: values.ordered })}${why}`;
}

function billText({ facts }: Of<'billSigned'>, t: Translate, f: Formats): string {
    const saved = BigInt(facts.dueWithoutMarketMinor) - BigInt(facts.dueMinor);
    const values = { days: f.days(facts.from, facts.to), due: f.minor(facts.dueMinor) };
    return saved > 0n
        ? `${t('agent.billSigned', values)} ${t('agent.billSaved', { saved: f.minor(saved) })}`
        : t('agent.billSigned', values);
}

const REASONS: { readonly [R in OutcomeReason]: Key & `reason.${R}` } = {
    FILLED: 'reason.FILLED',
    RATIONED: 'reason.RATIONED',
    PRICE: 'reason.PRICE',
    NO_MATCH: 'reason.NO_MATCH',
    OUTSIDE_GRID: 'reason.OUTSIDE_GRID',
    SELF_TRADE: 'reason.SELF_TRADE',
    ROUND_SHUT: 'reason.ROUND_SHUT',
    OUT_OF_RANGE: 'reason.OUT_OF_RANGE',
    NOT_ACTIVE: 'reason.NOT_ACTIVE',
    UNREVEALED: 'reason.UNREVEALED',
    FORGED: 'reason.FORGED',
    VOID: 'reason.VOID',
    REDUCED: 'reason.REDUCED',
    LOT_SIZE: 'reason.LOT_SIZE',
    ONE_ORDER: 'reason.ONE_ORDER',
    NO_SHARE: 'reason.NO_SHARE',
    ISLANDED: 'reason.ISLANDED',
    NOT_VALID_YET: 'reason.NOT_VALID_YET',
    PARTLY_REVEALED: 'reason.PARTLY_REVEALED',
};

/** Why an order ended as it did. What is not known is shown as it is. */
export const reasonText = (reason: string, t: Translate): string =>
    reason in REASONS ? t(REASONS[reason as OutcomeReason]) : reason;

export function journalText(entry: JournalEntry, t: Translate, f: Formats): string {
    return (SENTENCES[entry.kind] as (each: JournalEntry, t: Translate, f: Formats) => string)(entry, t, f);
}
