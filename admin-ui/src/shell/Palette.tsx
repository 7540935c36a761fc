export { Palette as default } from './PaletteDialog';
