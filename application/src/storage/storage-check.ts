import { z } from 'zod';
import { attestation, offer } from '@commonwatt/chaincode/api/records';
import type { AttestationQuestion } from '@commonwatt/chaincode/api/attestation';
import type { Decide } from '../attestation/attestation-server';

/** Energy that lies in the storage for somebody, as its own controller has it. */
export interface StoredEnergy {
    readonly prosumer: string;
    readonly slot: number;
    readonly id: string;
    /** Taken in, at the meter. */
    readonly energyWh: bigint;
    /** What can still be given out of it. */
    readonly releasableWh: bigint;
}

const attested = z.object({ attestations: z.array(attestation) });
const offered = z.object({ offer, attestation: attestation.optional() });

/**
 * What a storage system's own service says when its peer is to endorse: whether it took in what is attested in its name, and whether it still
 * holds what is offered. `stored` is asked anew each time. So nobody who has the keys of its agent alone can attest or sell what is not there.
 */
export function storageCheck(stored: () => readonly StoredEnergy[]): Decide {
    return ({ transaction, argument }: AttestationQuestion) => {
        if (transaction === 'contracts:attest') {
            const asked = attested.safeParse(argument);
            return asked.success ? firstFlaw(asked.data.attestations, stored()) : 'no attestations that can be read';
        }
        if (transaction === 'contracts:offer') {
            const asked = offered.safeParse(argument);
            return asked.success ? offerFlaw(asked.data, stored()) : 'no offer that can be read';
        }
        return `a storage system knows nothing of ${transaction}`;
    };
}

type Attested = z.output<typeof attestation>;

function firstFlaw(attestations: readonly Attested[], stored: readonly StoredEnergy[]): string | undefined {
    const wrong = attestations.find((each) => {
        const lot = find(stored, each);
        return lot?.prosumer !== each.prosumer || lot.energyWh !== each.energyWh;
    });
    return wrong === undefined ? undefined : `the storage did not take in ${wrong.id} of slot ${wrong.slot} like that`;
}

function offerFlaw(asked: z.output<typeof offered>, stored: readonly StoredEnergy[]): string | undefined {
    const [, , slot = '', id = ''] = asked.offer.key.split('/');
    const lot = find(stored, { slot: Number(slot), id });
    if (lot?.prosumer !== asked.offer.seller) {
        return `the storage holds no ${id} of slot ${Number(slot)} for ${asked.offer.seller}`;
    }
    if (asked.offer.energyWh > lot.releasableWh) {
        return `the storage can give out ${lot.releasableWh.toString()} Wh of ${id}, not ${asked.offer.energyWh.toString()}`;
    }
    return asked.attestation === undefined ? undefined : firstFlaw([asked.attestation], stored);
}

const find = (
    stored: readonly StoredEnergy[],
    { slot, id }: { readonly slot: number; readonly id: string },
): StoredEnergy | undefined => stored.find((each) => each.slot === slot && each.id === id);
