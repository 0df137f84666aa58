export * from './records/corrections';
export * from './records/disputes';
export * from './records/feeder';
export * from './records/accounts';
export * from './records/governance';
export * from './records/market';
export * from './records/private';
export * from './records/stake';
