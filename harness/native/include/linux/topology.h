/* SPDX-License-Identifier: GPL-2.0-only */
/* One node. */
#ifndef KFAIL_LINUX_TOPOLOGY_H
#define KFAIL_LINUX_TOPOLOGY_H

#define NUMA_NO_NODE		   (-1)
#define MAX_NUMNODES		   1
#define numa_node_id()		   0
#define numa_mem_id()		   0
#define cpu_to_node(cpu)	   ((void)(cpu), 0)
#define cpu_to_mem(cpu)		   ((void)(cpu), 0)
#define dev_to_node(dev)	   ((void)(dev), NUMA_NO_NODE)
#define for_each_online_node(node) for ((node) = 0; (node) < 1; (node)++)
#define for_each_node(node)	   for ((node) = 0; (node) < 1; (node)++)

#endif
