import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useFormat } from './useFormat';
import { fractionDigits } from './values';

/** An amount in major units, to the currency's last digit, with the reader's separators. */
export function MoneyInput({ currency, ...props }: { currency: string } & NumberInputProps) {
  const { locale } = useFormat();
  const parts = new Intl.NumberFormat(locale, { style: 'currency', currency }).formatToParts(11111.1);
  const part = (type: Intl.NumberFormatPartTypes) => parts.find((part) => part.type === type)?.value;
  return (
    <NumberInput
      hideControls
      min={0}
      allowNegative={false}
      decimalScale={fractionDigits(currency)}
      fixedDecimalScale
      decimalSeparator={part('decimal') ?? '.'}
      thousandSeparator={part('group') ?? ','}
      leftSection={part('currency')}
      {...props}
    />
  );
}
