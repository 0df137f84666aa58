/** Fabric's policies: builders, notation, compilation and evaluation. */
export { and, or, outOf, signaturePolicyEnvelope, signedBy, type PrincipalRole, type Rule } from './policies/rules';
export { parsePolicy } from './policies/notation';
export { REJECT_ALL, validSigners, type Policy, type SignedData } from './policies/policy';
export { assertWellFormedPolicy, compileKeyPolicy, compileSignaturePolicy } from './policies/signature-policy';
export { compileApplicationPolicy } from './policies/application-policy';
export { PolicyTree } from './policies/policy-tree';
