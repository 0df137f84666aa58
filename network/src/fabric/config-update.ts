/** Changing a channel's configuration: updates are computed, signed, checked by Fabric's rules, and carried in blocks. */
export { authorisedConfig } from './config-update/authorise';
export { computeConfigUpdate } from './config-update/compute';
export {
    acceptedConfig,
    configEnvelope,
    configUpdateEnvelope,
    proposedConfig,
    signConfigUpdate,
    type Proposed,
} from './config-update/messages';
export { ConfigUpdateRefused } from './config-update/refused';
export { successor } from './config-update/successor';
export { assertUnambiguousUpdate } from './config-update/unambiguous';
