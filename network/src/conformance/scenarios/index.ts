import type { Group } from '../scenario';
import { chaincode } from './chaincode';
import { configuration } from './configuration';
import { gatewayService } from './gateway';
import { identities } from './identities';
import { lifecycle } from './lifecycle';
import { policies } from './policies';
import { privateData } from './private-data';
import { reads } from './reads';
import { orderers } from './orderers';
import { spoiledBlocks } from './spoiled-blocks';
import { sealedOrders } from './sealed-orders';
import { transactions } from './transactions';

/** In the order in which they are played. */
export const SCENARIOS: readonly Group[] = [
    lifecycle,
    transactions,
    ...policies,
    reads,
    chaincode,
    privateData,
    sealedOrders,
    identities,
    gatewayService,
    spoiledBlocks,
    orderers,
    configuration,
];
