import type { msp } from '@hyperledger/fabric-protos';
import type { Layout } from '../layout';
import type { Organisation } from '../topology';

/** An organisation's MSP as the channel configuration carries it, read from its generated folder. */
export function mspConfigOf(organisation: Organisation, layout: Layout): msp.MSPConfig {
    throw new Error(`not yet: ${organisation.mspId} in ${layout.home}`);
}
