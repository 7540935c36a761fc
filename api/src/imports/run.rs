//! An import under way.

use std::collections::HashMap;

use keystead_entities::{import, import_error, project, unit};
use keystead_ids::{Permission, UnitId};
use keystead_sheets::UnitRow;
use keystead_tenants::{
    Clock,
    orm::{Set, Unchanged},
};

use super::{
    batch::{Batch, Refusal},
    body::{Broken, Spreadsheet},
    layout::{Layout, Place, Site},
    reader::{Fatal, Reader, Reading},
    store,
    wire::{ImportReport, ImportState, Instructions},
};
use crate::{
    app::App,
    http::{FieldCode, Fresh, ManageUnits, OrNotFound, Problem, Tx},
};

/// Bytes that are parsed at once; what they hold, and no more, is in memory as cells.
const PIECE_BYTES: usize = 16 * 1024;
/// Errors in the answer.
const FIRST_ERRORS: u64 = 100;
/// Refused rows whose errors are kept. A file that fits nothing shall not fill the database with complaints.
const MAX_ROWS_EXPLAINED: i64 = 100_000;

/// An import makes homes, and what they name; and it has to see both.
const PERMISSIONS: [Permission; 4] =
    [Permission::UnitsRead, Permission::UnitsManage, Permission::ProjectsRead, Permission::ProjectsManage];

/// Refuses a caller early whom the database would refuse in the middle.
pub(super) fn permitted(tx: &Tx<ManageUnits>) -> Result<(), Problem> {
    let granted = tx.grant().permissions();
    match PERMISSIONS.into_iter().find(|permission| !granted.allows(*permission)) {
        Some(missing) => Err(Problem::forbidden().log(format!("needs {missing}"))),
        None => Ok(()),
    }
}

/// Another request goes on with this import, or went.
pub(super) fn moved_on() -> Problem {
    Problem::conflict("import-moved-on", "Another request went on with this import")
}

/// An import and what it needs between batches.
pub(super) struct Run {
    app: App,
    clock: Clock,
    /// As of the last batch.
    import: import::Model,
    currency: String,
    release_phases: bool,
    reader: Reader,
    layout: Layout,
}

impl Run {
    /// Goes on where the import stands.
    pub(super) fn new(
        app: App,
        fresh: &Fresh,
        project: project::Model,
        import: import::Model,
        instructions: Instructions,
    ) -> Self {
        let release_phases = instructions.release_phases;
        let (dry_run, skip) = (import.dry_run, import.rows_read);
        let reading = Reading { instructions, currency: project.currency.clone(), dry_run, skip };
        Self {
            app,
            clock: fresh.0.clone(),
            import,
            currency: project.currency,
            release_phases,
            reader: Reader::new(reading),
            layout: Layout::default(),
        }
    }

    /// Imports the file. `tx` must not have begun: while the caller is awaited, no connection is held.
    pub(super) async fn finish(
        mut self,
        mut tx: Tx<ManageUnits>,
        mut file: Spreadsheet,
    ) -> Result<ImportReport, Problem> {
        loop {
            let chunk = match file.next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(Broken::TooLarge) => return Err(self.fail(tx, &Fatal::TooLarge).await),
                Err(broken) => return Err(broken.into()),
            };
            for piece in chunk.chunks(PIECE_BYTES) {
                let mut full = Vec::new();
                let fed = self.reader.feed(piece, &mut full);
                tx = self.write_all(tx, full, ImportState::Running).await?;
                if let Err(fatal) = fed {
                    return Err(self.fail(tx, &fatal).await);
                }
            }
        }
        self.close(tx).await
    }

    async fn close(mut self, mut tx: Tx<ManageUnits>) -> Result<ImportReport, Problem> {
        let mut last = Vec::new();
        if let Err(fatal) = self.reader.finish(&mut last) {
            return Err(self.fail(tx, &fatal).await);
        }
        if self.reader.is_behind() {
            return Err(another_file());
        }
        let final_batch = last.pop().unwrap_or_default();
        tx = self.write_all(tx, last, ImportState::Running).await?;
        tx = self.write(tx, final_batch, ImportState::Finished).await?;
        let errors = store::first_errors(&tx, self.import.id, FIRST_ERRORS).await?;
        Ok(ImportReport { import: self.import.into(), errors: errors.into_iter().map(Into::into).collect() })
    }

    async fn write_all(
        &mut self,
        mut tx: Tx<ManageUnits>,
        batches: Vec<Batch>,
        state: ImportState,
    ) -> Result<Tx<ManageUnits>, Problem> {
        for batch in batches {
            tx = self.write(tx, batch, state).await?;
        }
        Ok(tx)
    }

    /// Writes a batch and counts it, all in one transaction; gives the next.
    async fn write(
        &mut self,
        tx: Tx<ManageUnits>,
        mut batch: Batch,
        state: ImportState,
    ) -> Result<Tx<ManageUnits>, Problem> {
        self.claim(&tx).await?;
        if self.import.dry_run {
            self.look_up(&tx, &mut batch).await?;
        } else {
            self.insert(&tx, &mut batch).await?;
        }
        self.explain(&tx, batch.take_errors()).await?;
        let counted = import::ActiveModel {
            tenant_id: Unchanged(self.import.tenant_id),
            id: Unchanged(self.import.id),
            state: Set(state.name().to_owned()),
            rows_read: Set(self.import.rows_read + batch.rows),
            rows_imported: Set(self.import.rows_imported + batch.rows_imported()),
            rows_refused: Set(self.import.rows_refused + batch.rows_refused()),
            ..Default::default()
        };
        let import = store::update(&tx, counted).await?;
        let tx = tx.commit_and_go_on(&self.app).await?;
        self.import = import;
        Ok(tx)
    }

    /// Locks the import, if it still stands where this request left it.
    async fn claim(&self, tx: &Tx<ManageUnits>) -> Result<(), Problem> {
        let now = store::locked(tx, self.import.id).await?.or_not_found()?;
        let same = now.state == ImportState::Running.name() && now.rows_read == self.import.rows_read;
        if same { Ok(()) } else { Err(moved_on()) }
    }

    /// A dry run only asks which numbers are taken.
    async fn look_up(&self, tx: &Tx<ManageUnits>, batch: &mut Batch) -> Result<(), Problem> {
        let numbers = batch.units.iter().map(|unit| unit.number.clone()).collect();
        let taken = store::taken_numbers(tx, self.import.project_id, numbers).await?;
        batch.refuse_units(self.reader.number_column(), |unit| taken.contains(&unit.number));
        Ok(())
    }

    async fn insert(&mut self, tx: &Tx<ManageUnits>, batch: &mut Batch) -> Result<(), Problem> {
        let site = Site {
            tx,
            clock: &self.clock,
            tenant: self.import.tenant_id,
            project: self.import.project_id,
            released_at: self.release_phases.then(|| self.clock.now()),
        };
        self.layout.complete(&site, &batch.units).await?;
        let mut ids: HashMap<u64, UnitId> = HashMap::with_capacity(batch.units.len());
        let mut rows = Vec::with_capacity(batch.units.len());
        for unit in &batch.units {
            let place = self.layout.place(unit).ok_or_else(|| Problem::internal("a home's phase or plan vanished"))?;
            let id = self.clock.id();
            ids.insert(unit.row, id);
            rows.push(self.row(id, unit, place));
        }
        // In order, so that two imports cannot wait for each other; of equal numbers the first in the file comes first.
        rows.sort_by(|a, b| a.number.as_ref().cmp(b.number.as_ref()));
        let inserted = store::insert_units(tx, rows).await?;
        let exists = |unit: &UnitRow| ids.get(&unit.row).is_none_or(|id| !inserted.contains(id));
        batch.refuse_units(self.reader.number_column(), exists);
        Ok(())
    }

    fn row(&self, id: UnitId, unit: &UnitRow, place: Place) -> unit::ActiveModel {
        unit::ActiveModel {
            tenant_id: Set(self.import.tenant_id),
            id: Set(id),
            project_id: Set(self.import.project_id),
            phase_id: Set(place.phase),
            building_id: Set(place.building),
            plan_id: Set(place.plan),
            elevation_id: Set(place.elevation),
            number: Set(unit.number.clone()),
            floor: Set(unit.floor),
            address: Set(unit.address.clone()),
            parcel: Set(unit.parcel.clone()),
            bedrooms: Set(unit.bedrooms),
            square_feet: Set(unit.square_feet),
            price_minor: Set(unit.price_minor),
            currency: Set(self.currency.clone()),
            not_for_sale_reason: Set(unit.not_for_sale_reason.clone()),
            ..Default::default()
        }
    }

    async fn explain(&self, tx: &Tx<ManageUnits>, errors: Vec<Refusal>) -> Result<(), Problem> {
        if self.import.rows_refused >= MAX_ROWS_EXPLAINED {
            return Ok(());
        }
        let row = |error: Refusal| import_error::ActiveModel {
            tenant_id: Set(self.import.tenant_id),
            id: Set(self.clock.id()),
            project_id: Set(self.import.project_id),
            import_id: Set(self.import.id),
            row_number: Set(error.row),
            column_name: Set(error.column),
            reason: Set(error.reason),
            ..Default::default()
        };
        Ok(store::insert_errors(tx, errors.into_iter().map(row).collect()).await?)
    }

    /// Notes why the file cannot be read on, and gives the problem for the caller.
    async fn fail(&self, tx: Tx<ManageUnits>, fatal: &Fatal) -> Problem {
        // A file that is wrong where the first one was read without complaint is another file: the import can wait for
        // the right one.
        if self.reader.is_behind() {
            return another_file();
        }
        match self.note_failure(tx, fatal).await {
            Ok(()) => fatal.problem().detail(format!("The import {} has failed", self.import.id)),
            Err(problem) => problem,
        }
    }

    async fn note_failure(&self, tx: Tx<ManageUnits>, fatal: &Fatal) -> Result<(), Problem> {
        self.claim(&tx).await?;
        let failed = import::ActiveModel {
            tenant_id: Unchanged(self.import.tenant_id),
            id: Unchanged(self.import.id),
            state: Set(ImportState::Failed.name().to_owned()),
            failed_because: Set(Some(fatal.to_string())),
            ..Default::default()
        };
        store::update(&tx, failed).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn another_file() -> Problem {
    Problem::field("body", FieldCode::NotMatching, "is not the file that the import began with")
}
