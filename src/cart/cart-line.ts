export interface CartLine {
  readonly sku: string;
  readonly quantity: number;
}
