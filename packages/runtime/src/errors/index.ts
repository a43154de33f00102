export { type Reason, reasons } from './catalogue.ts';
export { errorDomain, failure, invalidField } from './failure.ts';
export { hasReason } from './has-reason.ts';
export { RequestCheck } from './request-check.ts';
