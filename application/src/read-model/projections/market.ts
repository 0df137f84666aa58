import * as record from '@commonwatt/chaincode/api/records';
import { slotPart } from '@commonwatt/chaincode/api/keys';
import { readableText } from '../blocks/readable';
import { assertNames, flag, type Projection } from './projection';

const text = (of: bigint | null | undefined): string | null => of?.toString() ?? null;
const note = (of: string | undefined): string | null => (of === undefined ? null : readableText(of));

export const day: Projection = ([of = '', ...more], found, changes) => {
    if (found === undefined) {
        changes.remove('days', { day: of });
        return;
    }
    const opened = record.dayRecord.parse(found);
    assertNames([of, ...more], opened.day);
    changes.put('days', {
        day: of,
        first_slot: opened.first,
        slots: opened.count,
        replay: flag(opened.replay),
        charter_version: opened.charterVersion,
    });
};

export const round: Projection = ([of = '', slot = '', ...more], found, changes, place) => {
    if (found === undefined) {
        if (/^\d{10}$/.test(slot)) {
            changes.remove('rounds', { day: of, slot: Number(slot) });
        }
        return;
    }
    const said = record.round.parse(found);
    assertNames([of, slot, ...more], said.day, slotPart(said.slot));
    changes.put('rounds', {
        day: of,
        slot: said.slot,
        status: said.status,
        mechanism: readableText(said.mechanism),
        replay: flag(said.replay),
        price: text(said.price),
        volume_wh: text(said.volumeWh),
        surplus_nanos: text(said.surplusNanos),
        orders: said.closed?.length ?? 0,
        dropped: said.dropped?.length ?? 0,
        reason: note(said.reason),
        closed_at: said.closedAt ?? null,
        ...place,
    });
};

/** A day has totals from its opening on, and sums once it is closed. */
export const totals: Projection = ([of = '', ...more], found, changes) => {
    const said = found === undefined ? undefined : record.totals.parse(found);
    if (said !== undefined) {
        assertNames([of, ...more], said.day);
    }
    if (said?.sums === undefined) {
        changes.remove('totals', { day: of });
        return;
    }
    const { households, provisional, tradedWh, importedWh, exportedWh, postings } = said.sums;
    changes.put('totals', {
        day: of,
        households,
        provisional: flag(provisional),
        traded_wh: tradedWh.toString(),
        imported_wh: importedWh.toString(),
        exported_wh: exportedWh.toString(),
        postings: JSON.stringify(
            postings.map(({ account, amountNanos }) => ({ account, amountNanos: amountNanos.toString() })),
        ),
    });
};

export const schedule: Projection = ([of = '', ...more], found, changes) => {
    if (found === undefined) {
        changes.remove('schedules', { day: of });
        return;
    }
    const said = record.schedule.parse(found);
    assertNames([of, ...more], said.day);
    const prices = said.agreed?.prices ?? said.run?.prices ?? [];
    changes.put('schedules', {
        day: of,
        mode: said.mode,
        status: said.status,
        iterations: said.run?.iteration ?? 0,
        reason: note(said.reason),
        prices: JSON.stringify(
            prices.map(({ bus, pricesNanos }) => ({ bus, pricesNanos: pricesNanos.map((price) => price.toString()) })),
        ),
        is_agreed: flag(said.agreed !== undefined),
    });
};
