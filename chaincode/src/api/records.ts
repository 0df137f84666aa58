export * from './records/governance';
export * from './records/market';
export * from './records/private';
export * from './records/stake';
