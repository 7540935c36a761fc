/**
 * What is loaded together. Without this every icon and every part of Mantine that two pages share is a file of its own: more
 * than a hundred requests for a page. Pages, dialogs and languages stay apart.
 */
const lib = (names: string) => new RegExp(`/node_modules/(?:${names})/`);
const mantine = (names: string) => new RegExp(`/@mantine/core/esm/components/(?:${names})/`);

export const chunks = [
  // Every page needs these.
  {
    name: 'core',
    priority: 9,
    test: lib(
      'react|react-dom|scheduler|use-sync-external-store|@tanstack/(?:react-|query-|router-)?(?:router|query|core|store|history)|use-intl|intl-messageformat|@formatjs|openapi-fetch|clsx|tslib|seroval|cookie-es|isbot',
    ),
  },
  { name: 'core', priority: 8, test: /\/@mantine\/core\/esm\/core\/|\/@mantine\/hooks\// },
  {
    name: 'core',
    priority: 8,
    test: mantine(
      'Button|UnstyledButton|ActionIcon|Loader|Text|Title|Group|Kbd|CloseButton|Transition|Code|Portal|OptionalPortal|FocusTrap|Overlay|Paper|VisuallyHidden',
    ),
  },
  { name: 'core', priority: 8, test: /\/ScrollArea\/utils\// },
  { name: 'icons', priority: 8, test: lib('@tabler/icons-react') },
  // What opens over the page, by its kind: a dialog, a menu at a button, a list to choose from. And what forms are made of.
  {
    name: 'dialog',
    priority: 7,
    test: lib(
      'react-remove-scroll(?:-bar)?|react-style-singleton|use-sidecar|use-callback-ref|get-nonce|aria-hidden|detect-node-es',
    ),
  },
  { name: 'dialog', priority: 7, test: mantine('ModalBase|Modal|Drawer') },
  { name: 'popover', priority: 7, test: lib('@floating-ui/[\\w-]+|tabbable') },
  { name: 'popover', priority: 7, test: mantine('Popover') },
  { name: 'menu', priority: 7, test: mantine('Menu') },
  { name: 'choose', priority: 7, test: mantine('Combobox|Select') },
  { name: 'scroll', priority: 7, test: mantine('ScrollArea') },
  { name: 'fields', priority: 8, test: mantine('Input|InputBase|TextInput|Textarea') },
  { name: 'fields', priority: 8, test: /\/@mantine\/core\/esm\/utils\/(?:InlineInput|InputsGroupFieldset)\// },
  { name: 'form', priority: 8, test: lib('@mantine/form|klona|fast-deep-equal') },
  {
    name: 'table',
    priority: 5,
    test: /\/@tanstack\/(?:react-virtual|virtual-core)\/|\/src\/table\/(?:DataTable|DataRow|HeaderRow|BulkBar|sort|use\w+)\.tsx?/,
  },
  {
    name: 'shared',
    priority: 6,
    minShareCount: 3,
    test: /\/src\/(?:api|auth|format\/(?!phone)|i18n\/(?!en|es)|shell\/(?:commands|shortcuts|nav))|\/src\/ui\/(?!ConflictDialog|ConfirmTyped|FormModal|MaskedValue|toasts|ToastRegion)/,
  },
];
