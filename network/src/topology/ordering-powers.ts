import { createHash } from 'node:crypto';
import type { common } from '@hyperledger/fabric-protos';
import { Bundle, configuredSeats } from '../fabric/channel-config';

/** A seat of the ordering service as a configuration block has it. */
export interface OrderingPower {
    readonly mspId: string;
    readonly power: bigint;
    /** By which the engine breaks ties, the lower first: the address of its engine's key, or its MSP id where it has none. */
    readonly tieBreak: string;
}

/** What CometBFT calls the address of a validator: so many bytes of its key's SHA-256. */
const ADDRESS_BYTES = 20;

/** Who votes with which power by a configuration block; undefined where the channel has no powers, as with Fabric's own orderers. */
export function orderingPowers(configurationBlock: common.Block): readonly OrderingPower[] | undefined {
    return configuredSeats(Bundle.fromConfigBlock(configurationBlock))?.map(({ mspId, power, engine }) => ({
        mspId,
        power,
        tieBreak: engine === undefined ? mspId : addressOf(engine.publicKey),
    }));
}

function addressOf(publicKey: Uint8Array): string {
    return createHash('sha256').update(publicKey).digest().subarray(0, ADDRESS_BYTES).toString('hex');
}
