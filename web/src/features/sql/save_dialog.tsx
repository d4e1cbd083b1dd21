import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import type { Saved } from "@/features/sql/saved_panel";
import { graphql } from "@/gql/gql";
import { Button } from "@/ui/button";
import { Dialog, DialogActions } from "@/ui/dialog";
import { errorText } from "@/ui/error_text";
import { TextField } from "@/ui/field";
import { toast } from "@/ui/toast";

const SaveQuery = graphql(`
  mutation SaveQuery($input: SaveQueryInput!) {
    saveQuery(input: $input) {
      id
      name
      statement
      version
    }
  }
`);

export function SaveDialog({ statement, onSaved, onClose }: { statement: string; onSaved: (saved: Saved) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [{ fetching, error }, save] = useMutation(SaveQuery);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { data } = await save({ input: { name: name.trim(), statement } });
    if (!data) return;
    toast(t`Saved “${data.saveQuery.name}”`);
    onSaved(data.saveQuery);
    onClose();
  };
  return (
    <Dialog title={t`Save the query`} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <TextField label={t`Name`} required value={name} hint={t`Everybody in the organization sees it.`} onChange={(event) => setName(event.target.value)} error={error && errorText(error)} />
        <DialogActions>
          <Button onClick={onClose}><Trans>Cancel</Trans></Button>
          <Button type="submit" kind="solid" busy={fetching}><Trans>Save</Trans></Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
