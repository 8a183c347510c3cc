export * from '../support/typed-array.js';
