import { keyName, suspicionKey } from '../../../api/keys';
import type { Charter, FeederRecord, SettlementMarker, SettlementRecord, SuspicionRecord } from '../../../api/records';
import { explain, LEAST_EXPLAINED_PPM } from '../../../domain/feeder/suspicion';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import { findDay } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { openedSettlements } from '../billing/closing';
import { memberOf, recordHash } from '../guards';
import { settlementMarkerOf } from '../markers';
import { openedUnder } from '../rounds';
import { requireCompared } from './comparing';

/** A day at whose feeder something is missing, and one household of it. */
export interface DayInQuestion {
    readonly local: LocalDay;
    readonly view: Charter;
    readonly feeder: FeederRecord;
    readonly marker: SettlementMarker;
}

/** Refuses MEMBER_UNKNOWN, DAY_UNKNOWN, FEEDER_MISSING, FEEDER_FITS, SETTLEMENT_MISSING, KEY_POLICY_WRONG. */
export async function dayInQuestion(
    ctx: TransactionContext,
    charter: Charter,
    { day, mspId }: { readonly day: string; readonly mspId: string },
): Promise<DayInQuestion> {
    memberOf(charter, mspId);
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const feeder = await requireCompared(ctx, charter, local);
    if (feeder.fits) {
        refuse('FEEDER_FITS', day);
    }
    const marker = (await settlementMarkerOf(ctx, day, mspId)) ?? refuse('SETTLEMENT_MISSING', `${mspId} on ${day}`);
    return { local, view: await openedUnder(ctx, charter, day), feeder, marker };
}

/**
 * How well the household's own readings explain what is missing: no other household's figures are needed, so that it can work them out itself. Whether
 * another meter explains as much is for the grid operator to look at before it tells anybody (domain/feeder/suspicion).
 */
export async function suspicionDraft(
    ctx: TransactionContext,
    charter: Charter,
    { local, view, feeder, marker }: DayInQuestion,
    { settlement, salt }: { readonly settlement: SettlementRecord; readonly salt: string },
): Promise<Omit<SuspicionRecord, 'signature'>> {
    const [opened] = await openedSettlements(ctx, { charter, view }, local.first, [marker], [settlement]);
    const residuals = feeder.slots.map((each) => each.meteredWh - each.feederWh - each.expectedWh);
    const metered = (opened ?? settlement).slots.map(({ meteredWh }) => meteredWh);
    const found = explain(residuals, metered);
    if (found === undefined || found.explainedPpm < LEAST_EXPLAINED_PPM) {
        refuse(
            'SUSPICION_UNFOUNDED',
            `at least ${LEAST_EXPLAINED_PPM.toString()} parts of a million must be explained`,
        );
    }
    return {
        key: keyName(suspicionKey(marker.day, marker.mspId)),
        version: 1,
        mspId: marker.mspId,
        salt,
        day: marker.day,
        settlement: recordHash(settlement),
        ...found,
        residualWh: feeder.residualWh,
    };
}
