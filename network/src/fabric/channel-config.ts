/** The configuration of a channel: how it is defined, its first block, and what peers read from a configuration block. */
export type { Address, ChannelDefinition, OrderingSeat, OrganisationDefinition } from './channel/definition';
export {
    applicationOrganisation,
    consenterMapping,
    genesisBlock,
    ordererOrganisation,
    overAdmins,
} from './channel/genesis';
export { seatPolicy } from './channel/seat-policy';
export { seatPowers, withSeatPowers, type SeatEngine, type SeatPower, type SeatPowers } from './channel/seat-powers';
export { configuredSeats, type ConfiguredSeat } from './channel/seats';
export {
    Bundle,
    type ApplicationOrganisation,
    type BatchLimits,
    type Capabilities,
    type Consenter,
    type OrdererEndpoint,
} from './channel/bundle';
