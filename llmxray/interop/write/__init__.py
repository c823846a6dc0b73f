"""An experiment's results in the forms that other tools read, one file a form. Pure: a `Study` in, names and bytes out.

==============  ==================================================================================
module          form
==============  ==================================================================================
`eee`           Every Eval Ever 0.3: an aggregate and its instances for every condition and suite
`inspect_log`   Inspect logs, version 2, as JSON: one for every condition and suite
`hub_results`   ``.eval_results/*.yaml`` for the repository of a model on the Hugging Face Hub
`dataset_card`  the README.md that makes a folder with ``results.parquet`` a data set of the Hub
`app`           suites, results and tables of the original LLMxRay app
==============  ==================================================================================
"""
