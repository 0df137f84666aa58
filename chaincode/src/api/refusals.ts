export { parseRefusal, Refusal, REFUSALS, type RefusalCode } from '../domain/refusals';
