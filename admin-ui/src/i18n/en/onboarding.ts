export const onboarding = {
  title: 'Get started',
  count: '{done, number} of {all, number}',
  progress: 'Progress',
  next: 'Continue',
  skip: 'Skip for now',
  go_on: 'Go on with the first steps',
  project_first: 'Create a project first',
  state: { done: 'Done', skipped: 'Skipped' },
  company: {
    title: 'Your company',
    text: 'What colleagues and mails call you, and what new projects begin with. All of it can be changed later.',
  },
  project: {
    title: 'First project',
    text: 'A community or a tower that you sell. Homes, plans and contracts belong to a project.',
    done: '{name} is there.',
  },
  homes: {
    title: 'Homes',
    text: 'Bring your price list: any CSV or Excel file will do. Phases, buildings and plans that it names are made with the homes.',
    from_file: 'From a spreadsheet',
    by_hand: 'By hand',
    done: '{count, plural, one {# home} other {# homes}} in {project}.',
    done_many: 'More than {count, plural, one {# home} other {# homes}} in {project}.',
    phase_first: 'Homes go on sale phase by phase. One phase is enough to begin.',
    added: 'Home {number} is added. Add the next one, or continue.',
  },
  plans: {
    title: 'Plans and floorplans',
    text: 'Drop the floorplans of each plan. Agents see them at every home of that plan.',
    new: 'New plan',
  },
  people: {
    title: 'Your team',
    text: 'Invite agents, coordinators and managers, each with a role and their projects. They get a link by mail.',
    invite: 'Invite people',
  },
  contract: {
    title: 'First contract',
    text: 'Choose a home, name the buyers, agree on the price. It stays a draft until you submit it for approval.',
    draft: 'Draft the first contract',
    open: 'Open the contract',
    done: 'The first contract is drafted.',
    no_home: 'No home is available yet: add homes, or release their phase.',
    release: 'Release a phase',
    not_you:
      'Administrators set up; sales agents and sales VPs draft contracts. If you sell as well, let administrators draft, too: that is one click.',
    invite_agent: 'Invite an agent',
    allow: 'Let administrators draft contracts too',
    allow_text:
      'This adds “write contracts” and “manage contacts” to the role Administrator. The audit trail records it, and you can take it back under Members.',
  },
  finished: {
    title: 'You are set up',
    text: 'Everything that you skipped can be taken up from the list on the left, or from the menu.',
    go: 'Go to the dashboard',
  },
} as const;
