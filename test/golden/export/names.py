"""Names that Python files use and nothing defines: {"name": code, …} on stdin, {"name": [names]} as JSON on stdout."""

import ast
import builtins
import json
import sys


def undefined(code, name):
    tree = ast.parse(code, name)
    known = set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            known.add(node.name)
        elif isinstance(node, ast.arg):
            known.add(node.arg)
        elif isinstance(node, ast.alias):
            known.add(node.asname or node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            known.add(node.id)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return sorted(used - known)


codes = json.load(sys.stdin)
json.dump({name: undefined(code, name) for name, code in codes.items()}, sys.stdout)
