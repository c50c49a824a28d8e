export { Cache } from './cache.js';
export { MemoryCache } from './memory-cache.js';
export { MemoryRateLimiter } from './memory-rate-limiter.js';
export { MemoryStockGate } from './memory-stock-gate.js';
export { type RateDecision, RateLimiter } from './rate-limiter.js';
export { GATE_TTL_MS, type GateLine, type GateVerdict, OpenStockGate, StockGate } from './stock-gate.js';
