import { z } from 'zod';
import { readingRecord } from '@commonwatt/chaincode/api/records';
import type { AttestationQuestion } from '@commonwatt/chaincode/api/attestation';
import { netsOf, registersOf, type MeterDay } from '../data/meter-day';
import { meteredSlots, type MeteredSlot } from '../household/records';
import type { Decide } from './attestation-server';

const inputs = z.object({ readings: z.array(readingRecord) });

export interface OwnMeter {
    readonly home: string;
    readonly mspId: string;
    readonly metered: MeterDay;
}

/**
 * What a home's meter service says to readings in the home's name: whether they are what its own registers show, to the watt-hour. So
 * nobody who has the agent's keys alone can record others; what the meter itself signs is checked by the chaincode.
 */
export function meterCheck({ home, mspId, metered }: OwnMeter): Decide {
    const registers = registersOf(metered, home);
    const shown = new Map(
        meteredSlots(mspId, metered.day, metered.firstSlot, registers).map((slot) => [slot.slot, slot]),
    );
    const nets = netsOf(registers);
    return ({ transaction, argument, privateInputs }: AttestationQuestion) => {
        if (transaction !== 'metering:recordReadings') {
            return `a meter knows nothing of ${transaction}`;
        }
        if (!isOf(argument, mspId)) {
            return `this is the meter of ${mspId}`;
        }
        const parsed = inputs.safeParse(privateInputs);
        if (!parsed.success) {
            return "the readings were not shown: attestation.json has to say 'privateInputs': true";
        }
        for (const { slot, netWh, spans } of parsed.data.readings) {
            const own = shown.get(slot);
            if (own === undefined) {
                return `the meter has kept nothing of slot ${slot}`;
            }
            const isShown = netWh === nets[slot - metered.firstSlot] && spans.every((span) => agree(own, span));
            if (!isShown) {
                return `the meter shows something else in slot ${slot}`;
            }
        }
        return undefined;
    };
}

type Span = z.output<typeof readingRecord>['spans'][number];

function agree(own: MeteredSlot, { consumption, generation }: Span): boolean {
    return (['startWh', 'endWh'] as const).every(
        (edge) => own.consumption[edge] === consumption[edge] && own.generation[edge] === generation[edge],
    );
}

const isOf = (argument: unknown, mspId: string): boolean =>
    typeof argument === 'object' && argument !== null && 'mspId' in argument && argument.mspId === mspId;
