//! Every place a leaf was ever logged under, numbered, with what is computed once about it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::wire::put_bytes;

/// The number of a path.
pub type PathId = u32;

/// No path: the parent of top-level names.
pub const NO_PATH: PathId = u32::MAX;

type Children = HashMap<Box<str>, PathId, FixedState>;

struct Node {
    parent: PathId,
    name: Box<str>,
    /// The path as the repeated field `nested_key` = 2 of an item.
    encoded: Box<[u8]>,
    children: Children,
    /// Its top-level name starts with an underscore.
    internal: bool,
}

/// The tree of paths.
#[derive(Default)]
pub struct Paths {
    nodes: Vec<Node>,
    roots: Children,
}

impl Paths {
    /// How many there are: numbers are below this.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The path of a name under a parent, made if it is new.
    pub fn child(&mut self, parent: PathId, name: &str) -> PathId {
        self.find_child(parent, name).unwrap_or_else(|| self.add(parent, name))
    }

    fn find_child(&self, parent: PathId, name: &str) -> Option<PathId> {
        let children = self.node(parent).map_or(&self.roots, |node| &node.children);
        children.get(name).copied()
    }

    fn add(&mut self, parent: PathId, name: &str) -> PathId {
        let id = PathId::try_from(self.nodes.len()).unwrap_or(NO_PATH);
        let mut encoded = self.encoded(parent).to_vec();
        put_bytes(&mut encoded, 2, name.as_bytes());
        let internal = self.node(parent).map_or(name.starts_with('_'), |node| node.internal);
        let node = Node {
            parent,
            name: name.into(),
            encoded: encoded.into(),
            children: Children::default(),
            internal,
        };
        self.nodes.push(node);
        let siblings = match self.nodes.get_mut(parent as usize) {
            Some(node) => &mut node.children,
            None => &mut self.roots,
        };
        siblings.insert(name.into(), id);
        id
    }

    fn node(&self, path: PathId) -> Option<&Node> {
        self.nodes.get(path as usize)
    }

    /// The path as the field `nested_key` of an item.
    #[must_use]
    pub fn encoded(&self, path: PathId) -> &[u8] {
        self.node(path).map_or(&[], |node| &node.encoded)
    }

    /// The path above; `NO_PATH` for a top-level one.
    #[must_use]
    pub fn parent(&self, path: PathId) -> PathId {
        self.node(path).map_or(NO_PATH, |node| node.parent)
    }

    /// Whether anything was ever logged below.
    #[must_use]
    pub fn has_children(&self, path: PathId) -> bool {
        self.node(path).is_some_and(|node| !node.children.is_empty())
    }

    /// Numbers of the paths right below.
    pub fn children(&self, path: PathId) -> impl Iterator<Item = PathId> + '_ {
        self.node(path).into_iter().flat_map(|node| node.children.values().copied())
    }

    /// Whether the top-level name starts with an underscore.
    #[must_use]
    pub fn internal(&self, path: PathId) -> bool {
        self.node(path).is_some_and(|node| node.internal)
    }

    /// The last name.
    #[must_use]
    pub fn name(&self, path: PathId) -> &str {
        self.node(path).map_or("", |node| &node.name)
    }

    /// Whether `above` is the path itself or one above it.
    #[must_use]
    pub fn is_under(&self, path: PathId, above: PathId) -> bool {
        std::iter::successors(Some(path), |p| Some(self.parent(*p)))
            .take_while(|p| *p != NO_PATH)
            .any(|p| p == above)
    }

    /// All names from the top.
    #[must_use]
    pub fn names(&self, path: PathId) -> Vec<&str> {
        let mut names: Vec<&str> = std::iter::successors(self.node(path), |node| self.node(node.parent))
            .map(|node| &*node.name)
            .collect();
        names.reverse();
        names
    }

    /// The path in the notation of `define_metric`: names joined by dots, dots inside them escaped.
    #[must_use]
    pub fn dotted(&self, path: PathId) -> String {
        let names: Vec<String> = self.names(path).iter().map(|name| name.replace('.', "\\.")).collect();
        names.join(".")
    }

    /// The path that a dotted name means.
    pub fn of_dotted(&mut self, dotted: &str) -> PathId {
        let mut path = NO_PATH;
        for name in dotted.replace("\\.", "\u{0}").split('.') {
            path = self.child(path, &name.replace('\u{0}', "."));
        }
        path
    }

    /// The path of names from the top.
    pub fn of_names<'a>(&mut self, names: impl IntoIterator<Item = &'a str>) -> PathId {
        names.into_iter().fold(NO_PATH, |path, name| self.child(path, name))
    }
}
