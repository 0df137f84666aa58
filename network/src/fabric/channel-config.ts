/** The configuration of a channel: how it is defined, its first block, and what peers read from a configuration block. */
export type { Address, ChannelDefinition, OrderingSeat, OrganisationDefinition } from './channel/definition';
export { applicationOrganisation, genesisBlock, overAdmins } from './channel/genesis';
export {
    Bundle,
    type ApplicationOrganisation,
    type BatchLimits,
    type Capabilities,
    type Consenter,
    type OrdererEndpoint,
} from './channel/bundle';
