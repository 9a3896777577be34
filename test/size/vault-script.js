import 'sotto/worker/script'
