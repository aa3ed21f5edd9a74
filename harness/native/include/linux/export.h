/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_EXPORT_H
#define KFAIL_LINUX_EXPORT_H

/* One module, so nobody imports. */
#define EXPORT_SYMBOL(sym)	      extern __typeof__(sym) sym
#define EXPORT_SYMBOL_GPL(sym)	      extern __typeof__(sym) sym
#define EXPORT_SYMBOL_NS(sym, ns)     extern __typeof__(sym) sym
#define EXPORT_SYMBOL_NS_GPL(sym, ns) extern __typeof__(sym) sym

#define THIS_MODULE (&__this_module)
struct module;
extern struct module __this_module;

#endif
