//! The whole graph: the one file that lists all types.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::analysis::computed::{MissingCode, Rule};
use crate::graphql::core::collector::TypeCollector;
use crate::graphql::core::definition::{Graph, InputDef, NODE, OWN_SCALARS, ObjectDef, QUERY};
use crate::graphql::core::limits::Limits;
use crate::graphql::core::scalar;
use crate::graphql::mutation;
use crate::graphql::registry::introspection;
use crate::graphql::types::{
    commits, computed, connection, discrepancies, discrepancy_groups, figures, filter, group, grouping, history, plans,
    query, record, search, value_groups, viewer,
};
use crate::model::Kind;
use crate::model::period::PeriodKind;
use crate::register::relation::Relation;

/// The whole graph of the model.
pub fn graph(limits: &Limits) -> Graph {
    let mut found = TypeCollector::default();
    for &kind in Kind::ALL {
        let info = kind.info();
        let told = figures::fields(kind);
        let mut fields = record::identity();
        fields.push(history::history_field());
        for (index, field) in info.fields.iter().enumerate() {
            // `key` is every record's own, whether the kind has it as a field or makes it of others.
            // A name in words is told in the language that is asked for.
            if field.name != "key" && told.iter().all(|it| it.name != field.name) {
                fields.push(record::leaf(index, field, &mut found));
            }
        }
        for relation in Relation::of(kind) {
            // A link whose kind the record says is one relation for each kind, and one field.
            if fields.iter().all(|field| field.name != relation.name) {
                fields.push(record::target(relation, &info.fields[relation.field]));
            }
        }
        fields.extend(Relation::to(kind).map(|relation| record::sources(relation, limits)));
        fields.extend(told);
        found.object(ObjectDef { name: kind.name().into(), doc: info.doc.into(), is_node: true, fields });
        let [mut connection, edge] =
            connection::connection_types(kind.name(), "in the document's order where there is one, else by key");
        connection.fields.push(group::field(kind, limits));
        found.object(connection);
        found.object(edge);
        for object in group::objects(kind) {
            found.object(object);
        }
    }
    for ty in connection::connection_types("CommitSummary", "newest first") {
        found.object(ty);
    }
    found.enums([viewer::vocabulary(), &PeriodKind::VOCABULARY, &Rule::VOCABULARY, &MissingCode::VOCABULARY]);
    found.enums(figures::vocabularies());
    found.enums(figures::askable::vocabularies());
    found.enums(figures::series::vocabularies());
    found.enums(discrepancies::vocabularies());
    record::composite(&mut found, discrepancies::info());
    for (info, order) in figures::askable::infos() {
        record::composite(&mut found, info);
        let [mut connection, edge] = connection::connection_types(info.name, order);
        connection.fields.extend(figures::askable::group_by(info, limits));
        found.object(connection);
        found.object(edge);
        let numbers = figures::askable::numbers(info);
        value_groups::objects(info, numbers).into_iter().for_each(|object| found.object(object));
    }
    let [mut connection, edge] =
        connection::connection_types(discrepancies::DISCREPANCY, "in the order of the rules, then of the records");
    connection.fields.push(discrepancy_groups::group_by(limits));
    found.object(connection);
    found.object(edge);
    let mut inputs = mutation::inputs(&mut found).into_iter().collect();
    for &kind in Kind::ALL {
        filter::define(kind.info(), &mut inputs, &mut found);
        group::define(kind, &mut inputs, &mut found);
    }
    filter::define(discrepancies::info(), &mut inputs, &mut found);
    discrepancy_groups::define(&mut inputs, &mut found);
    for (info, _) in figures::askable::infos() {
        filter::define(info, &mut inputs, &mut found);
        value_groups::define(info, figures::askable::numbers(info), &mut inputs, &mut found);
    }
    let own =
        [grouping::aggregate_object(), connection::PageInfo::definition(), record::period(), commits::subscription()];
    for object in own
        .into_iter()
        .chain(query::objects(limits))
        .chain(history::objects())
        .chain(commits::objects())
        .chain(mutation::objects())
        .chain(plans::objects())
        .chain(computed::objects())
        .chain(figures::objects())
        .chain(search::objects())
        .chain(discrepancies::objects())
    {
        found.object(object);
    }
    assert!(found.objects.contains_key(QUERY), "the query root is one of them");
    let objects: BTreeMap<_, _> = found.objects.into_iter().map(|(name, object)| (name, Arc::new(object))).collect();
    let types = objects.values().flat_map(|object| &object.fields);
    let mut used: BTreeSet<&str> =
        types.flat_map(|field| field.args.iter().map(|arg| arg.ty.name()).chain([field.ty.name()])).collect();
    used.extend(inputs.values().flat_map(|input: &InputDef| &input.fields).map(|field| field.ty.name()));
    // The schema itself is told with these two.
    used.extend(["String", "Boolean"]);
    let own_scalars = OWN_SCALARS.iter().map(|(name, _)| *name).filter(|name| used.contains(name)).collect();
    let node = ObjectDef {
        name: NODE.into(),
        doc: "A record of any kind.".into(),
        is_node: false,
        fields: record::identity(),
    };
    let (meta, meta_root, meta_enums) = introspection::objects();
    Graph {
        node: Arc::new(node),
        meta,
        meta_enums,
        meta_root,
        own_scalars,
        objects,
        enums: found.enums,
        inputs,
        scalars: scalar::all().into_iter().map(|scalar| (scalar.name, scalar)).collect(),
        sizes: OnceLock::new(),
    }
}
