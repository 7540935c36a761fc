// The generic cell rate algorithm after its definition (ITU-T I.371, virtual scheduling), in exact arithmetic: the reference.
export class Reference {
  constructor({ limit, window }) {
    this.increment = BigInt(window) * 1000n;
    this.limit = BigInt(limit);
    this.tat = 0n;
  }

  // `now` in whole milliseconds.
  take(now) {
    const at = BigInt(now) * this.limit;
    const tat = this.tat > at ? this.tat : at;
    if (tat + this.increment - at > this.increment * this.limit) return false;
    this.tat = tat + this.increment;
    return true;
  }

  // How many more at once.
  remaining(now) {
    const at = BigInt(now) * this.limit;
    const used = this.tat > at ? this.tat - at : 0n;
    return Number((this.increment * this.limit - used) / this.increment);
  }
}
