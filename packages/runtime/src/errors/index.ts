export { type Reason, reasons } from './catalogue.ts';
export { errorDomain, failure, invalidField } from './failure.ts';
