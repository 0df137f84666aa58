/** What a client may rely on, and what docs/reference is generated from. */
export * from './attestation';
export * from './catalogue/keys';
export * from './corrections';
export * from './events';
export * from './keys';
export * from './outcomes';
export * from './records';
export * from './refusals';
export * from './schedules';
export * from './settlements';
export * from './statements';
export * from './transactions';
export { decode, encode, encodeBytes, MAX_ARGUMENT, MAX_TRANSIENT } from './wire';
